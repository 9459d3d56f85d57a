import KeelBase
import KeelState
import KeelTestSupport
import Testing

/// Records and stores of which a test says only what it is about.
enum StateFixture {
    static let paths = StatePaths(state: "/p/.mailkeel/state.json")
    static let time = Timestamp(seconds: 1_800_000_000)

    static func address(_ name: String) -> ResourceAddress { ResourceAddress(.emailAccount, name) }

    static func record(_ userName: String, grant: String? = nil) -> ResourceRecord {
        ResourceRecord(
            committed: CommittedRecord(
                declared: ["userName": .text(userName)],
                effective: ["userName": EffectiveValue(.text(userName), .manifest)],
                grant: grant, committedAt: time, run: "run-1"))
    }

    /// A record in which everything is used.
    static let full = ResourceRecord(
        committed: CommittedRecord(
            declared: [
                "port": .integer(993), "active": .boolean(true), "scopes": .set(["a", "b"]),
                "metadata.labels": .map(["fromEnv": "x", "team": "desk"]),
                "password": .secret(SecretSource(.environment("P"), version: "2")), "userName": .text("é\"\\\n"),
            ],
            effective: [
                "port": EffectiveValue(.integer(993), .manifest),
                "debug": EffectiveValue(.boolean(false), .schemaDefault),
                "server": EffectiveValue(.text("h"), .preset(name: "microsoft365", version: 1)),
            ],
            fingerprints: ["password": Fingerprint(key: "k1", code: "00ff")], grant: "g-1",
            proof: ProofRecord(at: time, run: "run-1", grant: "g-1", settings: "abc", mechanism: "XOAUTH2"),
            dependencies: [ResourceAddress(.oauthProfile, "p"), .authorization(profile: "p", subject: "(app)")],
            external: ["sys_id": "1"], committedAt: time, run: "run-1"),
        failure: FailureRecord(code: "mail.authentication_failed", message: "refused", at: time, run: "run-2"))

    static let document = StateDocument(
        serial: 7, lineage: "l-1", vault: "v-1",
        resources: [
            address("b"): full, address("a"): record("u"), ResourceAddress(.oauthProfile, "p"): record("p"),
            .authorization(profile: "p", subject: "(app)"): ResourceRecord(
                committed: nil, failure: FailureRecord(code: "c", message: "m", at: time, run: "r")),
        ])

    /// A record with everything that can be in one.
    static let staged = ResourceRecord(
        committed: full.committed,
        failure: FailureRecord(
            code: "mail.authentication_failed", message: "refused", at: time, run: "run-2",
            refused: [
                "password": RefusedCredential(Fingerprint(key: "k1", code: "00fe"), at: time)
            ]),
        staging: StagingRecord(
            keeper: "snow", external: ["sys_id": "7"],
            writes: [StagedWrite(id: "record", isDone: true), StagedWrite(id: "activate", isDone: false)], at: time,
            run: "run-2"))

    /// A store over files in memory.
    static func store(_ files: any FileStore) -> StateStore { StateStore(paths, files: files) }

    /// Who writes, at a time that stands still.
    static func writer(_ run: String) -> StateWriter {
        StateWriter(run: run, operation: "apply", who: "ci@runner", time: FixedTimeSource(time))
    }

    static func files() -> InMemoryFileStore { InMemoryFileStore(directories: ["/p/.mailkeel"]) }

    /// Files that hold `document`.
    static func files(holding document: StateDocument) -> InMemoryFileStore {
        let files = InMemoryFileStore(directories: ["/p/.mailkeel"])
        files.put(paths.state, bytes: document.bytes())
        return files
    }

    /// The journal of a run over `document` that was killed after these commits.
    static func journal(
        over document: StateDocument, vault: String? = nil, _ commits: [(String, ResourceRecord?)]
    ) async throws -> (files: InMemoryFileStore, text: String) {
        let files = files(holding: document)
        let run = try store(files).begin(writer("killed")) { document }
        if let vault { await run.use(vault: vault) }
        for (name, record) in commits { try await run.commit(address(name), record) }
        return (files, try #require(files.text(paths.journal)))
    }
}
