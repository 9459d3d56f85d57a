import Glibc
import KeelBase
import KeelEngine
import KeelSystem
import KeelTestSupport
import KeelVault
import Synchronization
import Testing

struct SecretResolverTests {
    private static func resolver(
        _ environment: [String: String] = [:], _ directory: String = "",
        running programs: any ProcessRunner = ScriptedPrograms()
    ) -> SecretResolver {
        SecretResolver(
            environment: ProcessEnvironment(environment), processes: programs, place: ProjectPlace(directory)
        ) { "\(directory)/\($0)" }
    }

    private static func failure(
        _ source: SecretSource, _ resolver: SecretResolver, in vault: Vault? = nil
    ) async -> SecretFailure? {
        await #expect(throws: SecretFailure.self) { _ = try await resolver.resolve(source, in: vault) }
    }

    @Test func `a variable gives its value as it is`() async throws {
        let secret = try await Self.resolver(["NAME": " s3cret\n"]).resolve(
            SecretSource(.environment("NAME")), in: nil)
        #expect(secret.revealText() == " s3cret\n")
    }

    @Test func `a variable that is not set and one that is empty are told apart`() async {
        let unset = await Self.failure(SecretSource(.environment("NAME")), Self.resolver())
        let empty = await Self.failure(SecretSource(.environment("NAME")), Self.resolver(["NAME": ""]))
        #expect(unset?.code == .variableNotSet)
        #expect(unset?.reason == "the environment variable NAME is not set")
        #expect(empty?.code == .empty)
        #expect(empty?.reason == "the environment variable NAME is empty")
    }

    @Test func `a file is read from the project's directory, without the line end that editors add`() async throws {
        try await withScratchDirectory { directory in
            try SystemFileStore().create("\(directory)/secret", with: Array("s3cret\n".utf8))
            let secret = try await Self.resolver([:], directory).resolve(SecretSource(.file("secret")), in: nil)
            #expect(secret.revealText() == "s3cret")
        }
    }

    @Test func `a file that is missing says so`() async throws {
        try await withScratchDirectory { directory in
            let failure = await Self.failure(SecretSource(.file("secret")), Self.resolver([:], directory))
            #expect(failure?.code == .fileUnusable)
            #expect(failure?.reason.contains("\(directory)/secret") == true)
            #expect(failure?.remedy == "create it with mode 0600")
        }
    }

    @Test func `a file that others may read is refused, with what mends it`() async throws {
        try await withScratchDirectory { directory in
            let path = "\(directory)/secret"
            try SystemFileStore().create(path, with: Array("s3cret".utf8))
            #expect(unsafe chmod(path, 0o644) == 0)
            let failure = await Self.failure(SecretSource(.file("secret")), Self.resolver([:], directory))
            #expect(failure?.code == .fileUnusable)
            #expect(failure?.remedy.contains("chmod 600") == true)
            #expect(failure?.reason.contains("s3cret") == false)
        }
    }

    @Test func `a file that holds nothing is empty`() async throws {
        try await withScratchDirectory { directory in
            try SystemFileStore().create("\(directory)/secret", with: Array("\n".utf8))
            let failure = await Self.failure(SecretSource(.file("secret")), Self.resolver([:], directory))
            #expect(failure?.code == .empty)
        }
    }

    @Test func `a variable's name is cleaned before it is shown`() async {
        let failure = await Self.failure(SecretSource(.environment("NA\u{1B}ME")), Self.resolver())
        #expect(failure?.reason.contains("\u{1B}") == false)
    }

    // MARK: Commands

    private static let command = SecretSource(.command(["pass", "show", "desk"]))

    @Test(arguments: [
        ("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), (" a\nb \n\n", " a\nb \n"), ("s3cret", "s3cret"),
    ])
    func `a command gives what it prints, without one line end`(printed: String, secret: String) async throws {
        let programs = ScriptedPrograms { _ throws(ProcessFailure) in .printing(printed) }
        let resolver = Self.resolver(
            ["HOME": "/home/desk", "MAILKEEL_VAULT_KEY_FILE": "/key"], "/project", running: programs)
        #expect(try await resolver.resolve(Self.command, in: nil).revealText() == secret)
        let request = try #require(programs.requests.first)
        #expect(request.command == ["pass", "show", "desk"] && request.directory == "/project")
        #expect(
            request.environment.mapValues { $0.revealText() } == [
                "HOME": "/home/desk", "MAILKEEL_VAULT_KEY_FILE": "/key",
            ])
        #expect(request.timeLimit == .seconds(30) && request.outputLimit == 65536)
    }

    @Test func `a command is run once in a run, whoever asks and however it went`() async throws {
        let count = Mutex(0)
        let programs = ScriptedPrograms { request throws(ProcessFailure) in
            if request.command == ["false"] { throw ProcessFailure(.notFound, "no") }
            return .printing("secret \(count.withLock { $0 += 1; return $0 })")
        }
        let resolver = Self.resolver(running: programs)
        let texts = try await withThrowingTaskGroup(of: String.self) { group in
            for version in 0..<20 {
                let source = SecretSource(.command(["pass", "show", "desk"]), version: "\(version)")
                group.addTask { try await resolver.resolve(source, in: nil).revealText() }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(texts == ["secret 1"])
        for _ in 0..<2 {
            #expect(await Self.failure(SecretSource(.command(["false"])), resolver)?.code == .commandNotFound)
        }
        #expect(programs.requests.map(\.command) == [["pass", "show", "desk"], ["false"]])
        // Another run asks again.
        #expect(try await Self.resolver(running: programs).resolve(Self.command, in: nil).revealText() == "secret 2")
    }

    @Test(arguments: [
        (ProcessFailure.Code.notFound, SecretFailure.Code.commandNotFound),
        (.notExecutable, .commandNotExecutable), (.notStarted, .commandFailed), (.timedOut, .commandTimedOut),
        (.tooMuchOutput, .commandPrintedTooMuch), (.stopped, .commandStopped),
    ])
    func `a command that does not come to its end`(code: ProcessFailure.Code, expected: SecretFailure.Code) async {
        let programs = ScriptedPrograms { _ throws(ProcessFailure) in
            throw ProcessFailure(code, "pass did what it did", complaint: ForeignText("locked\u{1B}[1m"))
        }
        let failure = await Self.failure(Self.command, Self.resolver(running: programs))
        #expect(failure?.code == expected && failure?.reason == "pass did what it did")
        #expect(failure?.remedy.isEmpty == false)
        #expect(failure?.complaint.text == "locked\u{FFFD}[1m")
    }

    @Test(arguments: [
        (
            ProcessResult.Ending.exited(3), "s3cret", SecretFailure.Code.commandFailed,
            "the command pass ended with status 3"
        ),
        (.killed(signal: 9), "s3cret", .commandFailed, "the command pass was killed by signal 9"),
        (.exited(0), "", .empty, "the command pass printed nothing"),
        (.exited(0), "\n", .empty, "the command pass printed nothing"),
    ])
    func `a command that gives no secret`(
        ending: ProcessResult.Ending, printed: String, code: SecretFailure.Code, reason: String
    ) async {
        let programs = ScriptedPrograms { _ throws(ProcessFailure) in
            ProcessResult(ending: ending, output: Secret(copying: printed), complaint: ForeignText("no key"))
        }
        let failure = await Self.failure(Self.command, Self.resolver(running: programs))
        #expect(failure?.code == code && failure?.reason == reason)
        #expect(failure?.complaint.text == "no key")
    }

    @Test(.timeLimit(.minutes(5))) func `a command is stopped with whoever waits for it`() async throws {
        try await withScratchDirectory { directory in
            let resolver = Self.resolver(["PATH": "/usr/bin:/bin"], directory, running: SystemProcessRunner())
            let source = SecretSource(.command(["sh", "-c", "echo > began; sleep 600; sleep 600"]))
            let task = Task { await Self.failure(source, resolver) }
            while ScratchDirectory.names(in: directory).isEmpty { await Task.yield() }
            task.cancel()
            #expect(await task.value?.code == .commandStopped)
        }
    }

    // MARK: The vault

    @Test func `the vault gives what was put there`() async throws {
        try await EngineRig.run { rig in
            var findings: [String] = []
            let vault = try await VaultAccessor(paths: rig.paths, files: rig.files, time: rig.clock)
                .openOrCreate(&findings)
            try await vault.setSecret(Secret(copying: "s3cret"), named: "m365")
            #expect(try await rig.secrets.resolve(SecretSource(.vault("m365")), in: vault).revealText() == "s3cret")
            let absent = await Self.failure(SecretSource(.vault("m356")), Self.resolver([:], "/project"), in: vault)
            #expect(absent?.code == .notInVault && absent?.reason == "the vault holds no secret m356")
            #expect(
                absent?.remedy
                    == "did you mean m365? Else `mailkeel vault set m356 --chdir /project` asks for it")
            await vault.close()
            #expect(
                await Self.failure(SecretSource(.vault("m365")), Self.resolver(), in: vault)?.code == .vaultUnusable)
        }
    }

    @Test func `without a vault, the command that makes it is named`() async {
        let failure = await Self.failure(SecretSource(.vault("m365")), Self.resolver())
        #expect(failure?.code == .notInVault && failure?.reason == "there is no vault, so it holds no secret m365")
        #expect(failure?.remedy == "`mailkeel vault set m365` makes it and asks for the secret")
    }
}
