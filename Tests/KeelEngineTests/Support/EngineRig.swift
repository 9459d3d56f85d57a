import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelModel
import KeelPlan
import KeelState
import KeelSystem
import KeelTestSupport
import KeelVault
import Testing

/// A project in a scratch directory with a real state and a real vault, and a network in memory.
struct EngineRig: Sendable {
    let paths: ProjectPaths
    let files: any FileStore
    let clock = FixedTimeSource()
    let provider = ScriptedProvider()
    let transport: ScriptedTransport
    let mail = ScriptedMailServer(at: EngineRig.imap)
    var environment = ["DESK_SECRET": "first-secret"]
    var keepers: [KeeperBinding] = []
    let programs = ScriptedPrograms()

    static let imap = HostPort(host: "mail.example.com", port: 993)
    static let profile = ResourceAddress(.oauthProfile, "desk")
    static let authorization = ResourceAddress.authorization(profile: "desk", subject: "(app)")
    static let alpha = ResourceAddress(.emailAccount, "alpha")
    static let beta = ResourceAddress(.emailAccount, "beta")
    static let gamma = ResourceAddress(.emailAccount, "gamma")
    static let accounts = [alpha, beta, gamma]

    /// Runs `body` with a new project whose provider and mail server take everything that is right.
    static func run(_ body: (EngineRig) async throws -> Void) async throws {
        try await run(projectFile: nil, in: nil, body)
    }

    /// The same in an environment of the project that a project file describes.
    static func run(
        projectFile: String?, in environment: String?, _ body: (EngineRig) async throws -> Void
    ) async throws {
        try await withScratchDirectory { directory in
            let project = directory + "/project"
            try SystemFileStore().createDirectory(project)
            if let projectFile {
                try SystemFileStore().replace("\(project)/mailkeel.yaml", with: Array(projectFile.utf8))
            }
            let selected = try ProjectHead(project, files: SystemFileStore()).environment(environment)
            let rig = EngineRig(directory, selected)
            try rig.write(Manifests())
            rig.admit()
            try await body(rig)
        }
    }

    /// What goes around the provider's answers, for requests that it does not know.
    let person = ScriptedConsent()

    private init(_ directory: String, _ selected: DeclaredEnvironment?) {
        files = SystemFileStore()
        paths = ProjectPaths(
            directory: directory + "/project", selected: selected, environment: ProcessEnvironment([:]),
            configuration: directory + "/configuration")
        let (provider, person) = (provider, person)
        transport = ScriptedTransport { request throws(ConnectionFailure) in
            if let answer = try person.answer(request) { return answer }
            return try provider.answer(request)
        }
    }

    // MARK: The world

    func write(_ manifests: Manifests) throws { try write(manifests.text) }

    func write(_ text: String) throws {
        try files.createDirectory(paths.directory)
        try files.replace(paths.directory + "/mail.yaml", with: Array(text.utf8))
    }

    /// Every login works but those of `refused`.
    func admit(refusing refused: String...) {
        let refused = refused.map { "\($0)@example.com" }
        mail.decide { login in
            login.token.hasPrefix("token-") && !refused.contains(login.userName) ? .accept : .refuse
        }
    }

    var ports: EnginePorts {
        var ports = EnginePorts(files: files, time: clock, transport: transport, dialer: mail, keepers: keepers)
        ports.patience.sleep = { _ in }
        return ports
    }

    var secrets: SecretResolver {
        let paths = paths
        return SecretResolver(
            environment: ProcessEnvironment(environment), processes: programs, place: paths.place
        ) { paths.located($0) }
    }

    // MARK: Commands

    /// What was planned, with what it was made from.
    struct Planned {
        let plan: Plan
        let project: Project
        let approved: ApprovedPlan
    }

    func plan(
        destroying: Bool = false, replacing: Set<ResourceAddress> = [], revoking: Bool = false
    ) async throws -> Planned {
        let project = destroying ? Project.empty : Project.load(paths, files: files, now: clock.now)
        #expect(!project.report.hasErrors, "\(project.report.diagnostics.map(\.message))")
        let now = clock.now
        let (keepers, paths) = (keepers.map(\.keeper), paths)
        let make: @Sendable (StateDocument?, VaultObservation) -> Planner = { document, vault in
            Planner(
                PlanInput(
                    desired: project.set, committed: document, vault: vault, now: now, replacing: replacing,
                    revokes: revoking, destroys: destroying, keepers: keepers, vaultPath: paths.vault))
        }
        let document = try readState()
        let vault = await VaultObserver.observe(paths.vault, files: files)
        let planner = make(document, vault)
        #expect(planner.diagnostics.isEmpty, "\(planner.diagnostics.map(\.message))")
        return Planned(
            plan: planner.plan, project: project,
            approved: ApprovedPlan(
                planner.plan, on: document, vault, destroys: destroying, replacing: replacing, revokes: revoking,
                replan: make))
    }

    @discardableResult
    func apply(
        _ planned: Planned? = nil, parallelism: Int = 10, stopping: @escaping @Sendable () -> Bool = { false },
        options change: (inout RunOptions) -> Void = { _ in },
        report: @escaping @Sendable (RunEvent) async -> Void = { _ in }
    ) async throws -> RunReport {
        let planned = if let planned { planned } else { try await plan() }
        let project = planned.project
        var options = RunOptions(operation: "apply", who: "alice@desk", version: "test", info: "pid 1")
        options.parallelism = parallelism
        change(&options)
        var applier = Applier(
            paths: paths, ports: ports, secrets: secrets, explanation: FailureExplanation { project.place($0, $1) },
            options: options)
        applier.isStopping = stopping
        return try await applier.apply(planned.approved) { events in
            for event in events { await report(event) }
        }
    }

    /// Does what waits for a person, and nothing else.
    @discardableResult
    func applyPending() async throws -> RunReport {
        let approval = try #require(try PendingStore(paths, files: files).load())
        let planned = try await plan(destroying: approval.destroys, replacing: approval.replacing)
        let rest = try approval.remainder(of: planned.plan)
        let document = planned.approved.document
        let approved = ApprovedPlan(rest, on: document, planned.approved.vault, replan: planned.approved.replan)
        return try await apply(
            Planned(plan: rest, project: planned.project, approved: approved), options: { $0.isRemainder = true })
    }

    /// What `apply` threw.
    func applyFailure(_ planned: Planned? = nil) async throws -> EngineFailure {
        try await #require(throws: EngineFailure.self) { try await apply(planned) }
    }

    // MARK: What is left behind

    func readState() throws -> StateDocument? { try StateStore(paths.state, files: files).read().document }

    func state() throws -> StateDocument { try #require(try readState()) }

    func remembersNoFailure() throws -> Bool {
        let state = try state()
        return state.addresses.allSatisfy { state.head($0)?.hasFailure == false }
    }

    func record(_ address: ResourceAddress) throws -> ResourceRecord { try #require(try state().record(address)) }

    func committed(_ address: ResourceAddress) throws -> CommittedRecord {
        try #require(try state().committed(address))
    }

    func text(_ path: String) throws -> String? {
        try files.read(path, limit: .max).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Leaves records in the journal of a run that was killed; nil: a removal.
    func leave(_ records: (ResourceAddress, ResourceRecord?)...) async throws {
        let store = StateStore(paths.state, files: files)
        try files.createDirectory(paths.state.directory)
        let writer = StateWriter(run: "killed", operation: "apply", who: "alice@desk", time: clock)
        let run = try store.begin(writer) { StateDocument(lineage: "lineage") }
        for (address, record) in records { try await run.commit(address, record) }
    }

    /// Lends the vault as the engine would open it.
    func withVault<Result>(_ body: (Vault) async throws -> Result) async throws -> Result {
        let vault = try await VaultAccessor(paths: paths, files: files, time: clock).open()
        let result = try await body(vault)
        await vault.close()
        return result
    }

    func snapshot() async throws -> VaultSnapshot { try await withVault { try await $0.snapshot() } }
}

extension RunReport {
    /// What was left as it is because something else failed, and what that was.
    var skipped: [(address: ResourceAddress, because: ResourceAddress)] {
        rows.compactMap { row in
            guard case .skipped(let cause) = row.outcome, cause != row.address else { return nil }
            return (row.address, cause)
        }
    }

    /// The codes of all failures, in order.
    var codes: [String] { failures.map(\.diagnostic.code).sorted() }
}
