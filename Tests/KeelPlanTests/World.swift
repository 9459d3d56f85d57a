import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan
import KeelState
import KeelYAML
import Testing

/// What is committed and what the vault shows, as the runs of a test leave it.
struct World {
    static let now = Timestamp(seconds: 1_800_000_000)
    var state: StateDocument?
    var vault = VaultObservation.absent
    var keepers: [any Keeper] = []
    var readings: [ResourceAddress: RecordReading] = [:]
    private var runs = 0

    /// What manifests want; a mistake in them fails the test.
    static func desired(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) -> EffectiveSet {
        var sources = SourceMap()
        let id = sources.add(path: "f.yaml", bytes: Array(text.utf8))
        let stream = YAMLParser.parse(id, in: sources, limits: .standard)
        var decoder = ManifestDecoder()
        _ = decoder.decode(stream.documents, directory: "")
        let resolver = Resolver(decoder.declarations)
        let mistakes = (stream.diagnostics + decoder.diagnostics + resolver.diagnostics).filter {
            $0.severity == .error
        }
        #expect(mistakes.isEmpty, sourceLocation: sourceLocation)
        return resolver.set
    }

    func input(
        _ text: String, now: Timestamp = now, replacing: Set<ResourceAddress> = [], revokes: Bool = false
    ) -> PlanInput {
        PlanInput(
            desired: Self.desired(text), committed: state, vault: vault, now: now, replacing: replacing,
            revokes: revokes, keepers: keepers, readings: readings)
    }

    /// The plan for manifests; a diagnostic fails the test.
    func plan(
        _ text: String, now: Timestamp = now, replacing: Set<ResourceAddress> = [], revokes: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> Plan {
        let planner = Planner(input(text, now: now, replacing: replacing, revokes: revokes))
        #expect(planner.diagnostics.isEmpty, sourceLocation: sourceLocation)
        return planner.plan
    }

    /// `plan.not-supported`, one for each diagnostic.
    func mistakes(_ text: String) -> [String] { Planner(input(text)).diagnostics.map(\.code) }

    // MARK: What is committed

    func record(_ name: String) -> ResourceRecord? {
        ResourceAddress(parsing: name).flatMap { try? state?.record($0) }
    }

    func committed(_ name: String) -> CommittedRecord? { record(name)?.committed }

    /// Changes what the state remembers, as no run would.
    mutating func edit(_ name: String, _ change: (inout ResourceRecord) -> Void) {
        guard let address = ResourceAddress(parsing: name), var record = record(name) else {
            Issue.record("there is no \(name)")
            return
        }
        change(&record)
        state?.set(address, record)
    }

    /// The grants of the vault by id.
    var grants: [String: GrantFacts] {
        get { if case .present(_, let grants) = vault { grants } else { [:] } }
        set { vault = .present(id: "v", grants: newValue) }
    }

    // MARK: Runs

    /// Plans and applies.
    mutating func apply(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
        apply(plan(text, sourceLocation: sourceLocation), sourceLocation: sourceLocation)
    }

    /// Does what the plan says, with success, but for the steps of `failing`, those that need a person when nobody
    /// consents, and what waits for either.
    mutating func apply(
        _ plan: Plan, failing: Set<StepID> = [], consenting: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        runs += 1
        var run = Run(
            number: runs, document: state ?? StateDocument(lineage: "l", vault: "v"), grants: grants,
            sourceLocation: sourceLocation)
        var stopped: Set<StepID> = []
        for step in plan.steps {
            if !stopped.isDisjoint(with: step.after) || (step.needsPerson == .yes && !consenting) {
                stopped.insert(step.id)
            } else if failing.contains(step.id) {
                stopped.insert(step.id)
                run.fail(step.id.address)
            } else {
                run.execute(step)
            }
        }
        run.document.serial += 1
        state = run.document
        grants = run.grants
    }
}

/// One run: what the steps of a plan leave behind.
private struct Run {
    let number: Int
    var document: StateDocument
    var grants: [String: GrantFacts]
    let sourceLocation: SourceLocation
    /// By slot.
    private var obtained: [ResourceAddress: String] = [:]

    init(number: Int, document: StateDocument, grants: [String: GrantFacts], sourceLocation: SourceLocation) {
        self.number = number
        self.document = document
        self.grants = grants
        self.sourceLocation = sourceLocation
    }

    mutating func execute(_ step: Step) {
        let address = step.id.address
        for precondition in step.preconditions where !holds(precondition) {
            Issue.record("stale: \(step.id) \(precondition)", sourceLocation: sourceLocation)
        }
        switch step.work {
        case .authorize(let work): authorize(work, address)
        case .stage(let work), .activate(let work):
            var record = stored(address) ?? ResourceRecord()
            record.staging = StagingRecord(
                keeper: work.keeper, writes: work.writes.map { StagedWrite(id: $0.id, isDone: true) }, at: World.now,
                run: "r\(number)")
            document.set(address, record)
        case .record(.commit(let planned)): commit(planned, address)
        case .record(.destroy): forget(address, retires: true)
        case .record(.release): forget(address, retires: false)
        case .revoke(let work):
            for grant in work.grants {
                let isOut = grants[grant]?.status == .retired
                #expect(isOut, "\(grant) is in service", sourceLocation: sourceLocation)
                grants[grant] = nil
            }
        case .resolve, .discover, .verifyClient, .test, .authorizeThere, .proveThere, .verifyRecord: break
        }
    }

    /// What was in service stays so, and the reason is remembered.
    mutating func fail(_ address: ResourceAddress) {
        var record = stored(address) ?? ResourceRecord()
        record.failure = FailureRecord(
            code: "mail.authentication_failed", message: "the server refused", at: World.now, run: "r\(number)")
        document.set(address, record)
    }

    private func holds(_ precondition: Precondition) -> Bool {
        switch precondition {
        case .committed(let address, let digest): document.head(address)?.digest == digest
        case .grant(let slot, let grant): document.head(slot)?.grant == grant
        }
    }

    private func stored(_ address: ResourceAddress) -> ResourceRecord? { try? document.record(address) }

    private mutating func authorize(_ work: AuthorizeWork, _ slot: ResourceAddress) {
        switch work.way {
        case .adopt(let grant):
            obtained[slot] = grant
            return
        case .refresh(let grant, _):
            // It goes on under its id.
            grants[grant]?.scopes = work.client.scopes
            obtained[slot] = grant
            return
        case .request, .consent: break
        }
        let grant = "g\(number)-\(slot.name)"
        grants[grant] = GrantFacts(
            profile: work.profile.name, subject: work.subject, status: .candidate, scopes: work.client.scopes,
            client: work.client.digest)
        obtained[slot] = grant
    }

    private mutating func commit(_ planned: PlannedRecord, _ address: ResourceAddress) {
        let before = stored(planned.previous ?? address)?.committed
        if let previous = planned.previous { document.move(previous, to: address) }
        var grant = planned.authorization == nil ? nil : before?.grant
        if let slot = planned.authorization {
            // An account's grant is the one that proved it; a slot's is the new one.
            switch planned.proof {
            case .login: grant = obtained[slot] ?? document.head(slot)?.grant
            case .earlier: if slot == address, let new = obtained[slot] { grant = new }
            case .none: grant = obtained[slot] ?? document.head(slot)?.grant
            }
        }
        var proof = planned.proof == .none ? nil : before?.proof
        if planned.proof == .login {
            proof = ProofRecord(
                at: World.now, run: "r\(number)", grant: grant, settings: planned.settings ?? "", mechanism: "XOAUTH2")
        }
        document.set(
            address,
            ResourceRecord(
                committed: CommittedRecord(
                    declared: planned.values.declared, effective: planned.values.effective, grant: grant, proof: proof,
                    dependencies: planned.dependencies, committedAt: World.now, run: "r\(number)")))
        if let grant { grants[grant]?.status = .current }
        // What a new grant was obtained through works again.
        if address.kind == .authorization { planned.dependencies.forEach { clearFailure(of: $0) } }
        if let former = before?.grant, former != grant { retire(former) }
    }

    private mutating func clearFailure(of address: ResourceAddress) {
        guard var record = stored(address), record.committed != nil else { return }
        record.failure = nil
        document.set(address, record)
    }

    private mutating func forget(_ address: ResourceAddress, retires: Bool) {
        let grant = document.head(address)?.grant
        document.set(address, nil)
        if retires, let grant { retire(grant) }
    }

    /// Takes a grant out of service unless something still stands on it.
    private mutating func retire(_ grant: String) {
        guard !document.addresses.contains(where: { document.head($0)?.grant == grant }) else { return }
        grants[grant]?.status = .retired
    }
}
