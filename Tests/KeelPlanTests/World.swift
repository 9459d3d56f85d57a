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

    func input(_ text: String, now: Timestamp = now, replacing: Set<ResourceAddress> = []) -> PlanInput {
        PlanInput(desired: Self.desired(text), committed: state, vault: vault, now: now, replacing: replacing)
    }

    /// The plan for manifests; a diagnostic fails the test.
    func plan(
        _ text: String, now: Timestamp = now, replacing: Set<ResourceAddress> = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> Plan {
        let planner = Planner(input(text, now: now, replacing: replacing))
        #expect(planner.diagnostics.isEmpty, sourceLocation: sourceLocation)
        return planner.plan
    }

    /// Does what the plan says, with success, but for the steps of `failing` and what waits for them.
    mutating func apply(_ plan: Plan, failing: Set<StepID> = []) {
        runs += 1
        var document = state ?? StateDocument(lineage: "l", vault: "v")
        var grants = heldGrants
        var obtained: [ResourceAddress: String] = [:]
        var stopped = failing
        for step in plan.steps {
            guard stopped.isDisjoint(with: step.after), !stopped.contains(step.id) else {
                if failing.contains(step.id) { Self.fail(step.id.address, &document) }
                stopped.insert(step.id)
                continue
            }
            switch step.work {
            case .authorize(let work):
                let grant = "g\(runs)-\(step.id.address.name)"
                grants[grant] = GrantFacts(profile: work.profile.name, subject: work.subject, status: .current)
                obtained[step.id.address] = grant
            case .record(let work):
                document.resources[step.id.address] = work.record.map { record in
                    // A login uses the grant of this run, or else the one in service.
                    let grant = record.authorization.flatMap { obtained[$0] ?? document.committed($0)?.grant }
                    let isOwn = record.proven || step.id.address.kind == .authorization
                    return Self.committed(record, document.committed(step.id.address), isOwn ? grant : nil)
                }
            case .resolve, .discover, .test: break
            }
        }
        document.serial += 1
        state = document
        vault = .present(id: "v", grants: grants)
    }

    /// Plans and applies.
    mutating func apply(_ text: String) { apply(plan(text)) }

    private var heldGrants: [String: GrantFacts] {
        if case .present(_, let grants) = vault { grants } else { [:] }
    }

    private static func committed(
        _ planned: PlannedRecord, _ earlier: CommittedRecord?, _ obtained: String?
    ) -> ResourceRecord {
        let grant = obtained ?? (planned.authorization == nil ? nil : earlier?.grant)
        var proof = earlier?.proof
        if planned.proven { proof = ProofRecord(at: now, run: "r", grant: grant, settings: "s", mechanism: "XOAUTH2") }
        return ResourceRecord(
            committed: CommittedRecord(
                declared: planned.declared, effective: planned.effective, grant: grant, proof: proof,
                dependencies: planned.dependencies, committedAt: now, run: "r"))
    }

    private static func fail(_ address: ResourceAddress, _ document: inout StateDocument) {
        document.resources[address, default: ResourceRecord(committed: nil)].failure = FailureRecord(
            code: "mail.authentication_failed", message: "the server refused", at: now, run: "r")
    }
}

/// Manifests of which a test changes what it is about.
enum Manifest {
    static let idp = """
        apiVersion: mailkeel/v1
        kind: OAuthProfile
        metadata: { name: idp }
        spec:
          issuer: https://login.example.com
          grant: client_credentials
          client: { id: app-1, secret: { fromEnv: SECRET, version: "1" } }
          scopes: [a, b]
          tls: { caFile: idp.pem }
        ---

        """

    static let one = account("one")
    static let two = account("two")
    static let all = idp + one + two

    static func account(_ name: String, _ more: String...) -> String {
        """
        apiVersion: mailkeel/v1
        kind: EmailAccount
        metadata: { name: \(name), labels: { team: desk } }
        spec:
          type: imap
          server: imap.example.com
          port: 993
          userName: \(name)@example.com
          oauthProfile: idp
          active: true
          debug: false
          tls: { caFile: mail.pem }
        \(more.map { "  \($0)\n" }.joined())---

        """
    }

    static let m365 = """
        apiVersion: mailkeel/v1
        kind: OAuthProfile
        metadata: { name: m365 }
        spec:
          provider: microsoft365
          tenant: contoso.com
          grant: client_credentials
          client: { id: app-1, secret: { fromEnv: SECRET } }
        ---

        """

    static let supportIn = """
        apiVersion: mailkeel/v1
        kind: EmailAccount
        metadata: { name: support-in }
        spec: { type: imap, userName: support@contoso.com, oauthProfile: m365 }
        ---

        """
}

extension Plan {
    /// `EmailAccount/one#test`, in order.
    var stepNames: [String] { steps.map(\.id.description) }

    /// `create EmailAccount/one`
    var changeNames: [String] { changes.map { "\($0.action.rawValue) \($0.address)" } }

    func step(_ name: String) -> Step? { steps.first { $0.id.description == name } }

    func change(_ name: String) -> Change? { changes.first { $0.address.description == name } }

    /// Every step stands behind those it waits for, and waits for no step that is not there.
    func expectOrdered(sourceLocation: SourceLocation = #_sourceLocation) {
        var done: Set<StepID> = []
        for step in steps {
            #expect(done.isSuperset(of: step.after), "\(step.id)", sourceLocation: sourceLocation)
            #expect(done.insert(step.id).inserted, "\(step.id)", sourceLocation: sourceLocation)
        }
    }
}
