import Glibc
import KeelBase
import KeelSystem
import KeelTestSupport
import Testing

/// Real programs, none of which is a test's own.
struct ProcessRunnerTests {
    private let runner = SystemProcessRunner()
    private static let usual = ["PATH": Secret(copying: "/usr/bin:/bin")]

    private static func request(
        _ command: [String], environment: [String: Secret] = usual, in directory: String = "/",
        within limit: Duration = .seconds(60), atMost bytes: Int = 64
    ) -> ProcessRequest {
        ProcessRequest(command, environment: environment, directory: directory, timeLimit: limit, outputLimit: bytes)
    }

    private static func shell(
        _ script: String, environment: [String: Secret] = usual, in directory: String = "/",
        within limit: Duration = .seconds(60), atMost bytes: Int = 64
    ) -> ProcessRequest {
        request(
            ["/bin/sh", "-c", script], environment: environment, in: directory, within: limit, atMost: bytes)
    }

    private func failure(_ request: ProcessRequest) async -> ProcessFailure? {
        await #expect(throws: ProcessFailure.self) { try await runner.run(request) }
    }

    @Test func `output, complaint and status`() async throws {
        let result = try await runner.run(Self.shell("printf 's3cret\\n'; echo oh dear >&2; exit 3"))
        #expect(result.output.revealText() == "s3cret\n")
        #expect(result.complaint.text == "oh dear")
        #expect(result.ending == .exited(3))
    }

    @Test(arguments: [("exit 0", ProcessResult.Ending.exited(0)), ("kill -9 $$", .killed(signal: 9))])
    func `how it ended`(script: String, ending: ProcessResult.Ending) async throws {
        let result = try await runner.run(Self.shell(script))
        #expect(result.ending == ending && result.output.isEmpty && result.complaint.isEmpty)
    }

    @Test func `arguments are given as they are, without a shell`() async throws {
        let result = try await runner.run(Self.request(["printf", "%s|", "a b", "$HOME", "*", ""]))
        #expect(result.output.revealText() == "a b|$HOME|*||")
    }

    @Test func `variables and the directory`() async throws {
        try await withScratchDirectory { directory in
            var environment = Self.usual
            environment["NAME"] = Secret(copying: Array("gr\u{FC}n".utf8) + [0xFF])
            environment["1NAME"] = Secret(copying: "x")
            let script = "printf '%s|%s|%s' \"$NAME\" \"${OTHER-none}\" \"$(pwd -P)\""
            let result = try await runner.run(
                Self.shell(script, environment: environment, in: directory, atMost: 4096))
            let expected = Array("gr\u{FC}n".utf8) + [0xFF] + Array("|none|".utf8)
            #expect(result.output.reveal().starts(with: expected))
            #expect(result.output.revealText().hasSuffix("/" + (directory.split(separator: "/").last ?? "")))
        }
    }

    @Test func `a program is found in PATH, by its place, and from the directory`() async throws {
        try await withScratchDirectory { directory in
            try Self.write("#!/bin/sh\necho here\n", to: "\(directory)/give", mode: 0o700)
            let environment = ["PATH": Secret(copying: "/none::\(directory)")]
            for command in ["give", "./give", "\(directory)/give"] {
                let request = Self.request([command], environment: environment, in: directory)
                #expect(try await runner.run(request).output.revealText() == "here\n")
            }
            // Not from the directory where it runs, unless PATH says so.
            let request = Self.request(["give"], environment: ["PATH": Secret(copying: "/none:")], in: directory)
            #expect(await failure(request)?.code == .notFound)
        }
    }

    @Test func `a program that cannot be run says why`() async throws {
        try await withScratchDirectory { directory in
            try Self.write("#!/bin/sh\n", to: "\(directory)/closed", mode: 0o600)
            try Self.write("#!/none/interpreter\n", to: "\(directory)/headless", mode: 0o700)
            let cases: [(String, ProcessFailure.Code, String)] = [
                ("mailkeel-none", .notFound, "there is no program mailkeel-none in the directories of PATH"),
                ("./none", .notFound, "there is no program \(directory)/./none"),
                ("./closed", .notExecutable, "\(directory)/./closed is no file that may be executed"),
                (directory, .notExecutable, "\(directory) is no file that may be executed"),
                (
                    "./headless", .notExecutable,
                    "\(directory)/./headless cannot be executed; does its first line name a program?"
                ),
                ("", .notFound, "there is no program  in the directories of PATH"),
                ("a\0b", .notStarted, "a program and its arguments are texts without a NUL"),
            ]
            for (command, code, reason) in cases {
                let failure = await failure(Self.request([command], in: directory))
                #expect(failure?.code == code && failure?.reason == reason, "\(command)")
            }
            let failure = await failure(Self.shell("exit 0", in: "\(directory)/none"))
            #expect(failure?.code == .notStarted)
            #expect(failure?.reason.hasPrefix("the directory \(directory)/none cannot be used") == true)
        }
    }

    @Test(.timeLimit(.minutes(5))) func `what it asks is answered with nothing`() async throws {
        let result = try await runner.run(
            Self.shell("read -r line || echo end; (exec 3</dev/tty) 2>/dev/null || echo none"))
        #expect(result.output.revealText() == "end\nnone\n")
    }

    @Test(.timeLimit(.minutes(5)), arguments: [64, 0])
    func `as much as is allowed, and no more`(limit: Int) async throws {
        let fits = try await runner.run(Self.shell("head -c \(limit) /dev/zero", atMost: limit))
        #expect(fits.output.count == limit)
        let failure = await failure(
            Self.shell("echo x >&2; head -c \(limit + 1) /dev/zero; exec sleep 600", atMost: limit))
        #expect(failure?.code == .tooMuchOutput)
        #expect(failure?.reason == "the command /bin/sh printed more than \(limit) bytes")
    }

    @Test(.timeLimit(.minutes(5))) func `complaints are capped and cleaned, and never hold it up`() async throws {
        let result = try await runner.run(
            Self.shell("head -c 1000000 /dev/zero | tr '\\0' e >&2; printf '\\033[2J' >&2; echo done"))
        #expect(result.output.revealText() == "done\n")
        #expect(result.complaint.text.count == ForeignText.limit + 1)
        let escape = try await runner.run(Self.shell("printf 'a\\033[2Jb\\n\\nc' >&2"))
        #expect(escape.complaint.text == "a\u{FFFD}[2Jb c")
    }

    @Test func `what it printed is withheld from its complaint`() async throws {
        let result = try await runner.run(Self.shell("echo s3cret-value; echo 'got s3cret-value from x' >&2; exit 1"))
        #expect(result.complaint.text == "got (withheld) from x")
    }

    @Test(.timeLimit(.minutes(5))) func `when the time is up, it and what it started are killed`() async throws {
        try await withScratchDirectory { directory in
            let pipe = try NamedPipe("\(directory)/pipe")
            // The leader ends when asked; its child does not.
            let failure = await failure(
                Self.shell(
                    "(trap '' TERM; exec 3>pipe; echo late >&2; sleep 600; sleep 600) & wait", in: directory,
                    within: .milliseconds(300)))
            #expect(failure?.code == .timedOut)
            await pipe.untilNobodyWrites()
        }
    }

    @Test(.timeLimit(.minutes(5))) func `one that does not end when asked is killed`() async throws {
        try await withScratchDirectory { directory in
            let pipe = try NamedPipe("\(directory)/pipe")
            let failure = await failure(
                Self.shell(
                    "trap '' TERM; exec 3>pipe >&- 2>&-; while :; do sleep 600; done", in: directory,
                    within: .milliseconds(300)))
            #expect(failure?.reason == "the command /bin/sh did not end within 0 s and was killed")
            await pipe.untilNobodyWrites()
        }
    }

    @Test(.timeLimit(.minutes(5))) func `one that nobody waits for any more is killed`() async throws {
        try await withScratchDirectory { directory in
            let pipe = try NamedPipe("\(directory)/pipe")
            let request = Self.shell("exec 3>pipe; echo started >&3; sleep 600; sleep 600", in: directory)
            let task = Task { await failure(request) }
            await pipe.untilSomethingIsWritten()
            task.cancel()
            #expect(await task.value?.code == .stopped)
            await pipe.untilNobodyWrites()
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a child that stays holds nothing up, and is left alone`() async throws {
        try await withScratchDirectory { directory in
            let pipe = try NamedPipe("\(directory)/pipe")
            let result = try await runner.run(
                Self.shell("(exec 3>pipe; echo up >&3; exec sleep 600) & echo $!", in: directory))
            await pipe.untilSomethingIsWritten()
            #expect(!pipe.hasNoWriter)
            let child = try #require(Int32(result.output.revealText().dropLast()))
            kill(child, SIGKILL)
            await pipe.untilNobodyWrites()
        }
    }

    @Test func `no open file is handed on, and none is left open`() async throws {
        try await withScratchDirectory { directory in
            try Self.write("x", to: "\(directory)/file", mode: 0o600)
            let before = unsafe open("\(directory)/file", O_RDONLY)
            #expect(before > 2)
            defer { close(before) }
            let result = try await runner.run(Self.shell("exec ls /proc/self/fd", atMost: 4096))
            // 3 is the listing itself.
            #expect(result.output.revealText() == "0\n1\n2\n3\n")
        }
    }

    @Test func `a program that has ended is no more`() async throws {
        let result = try await runner.run(Self.shell("echo $$"))
        let process = try #require(Int32(result.output.revealText().dropLast()))
        var status: Int32 = 0
        let outcome = unsafe waitpid(process, &status, WNOHANG)
        #expect(outcome == -1 && errno == ECHILD)
    }

    @Test(.timeLimit(.minutes(5))) func `many at once`() async throws {
        try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for number in 0..<40 {
                group.addTask {
                    (number, try await runner.run(Self.shell("echo \(number)")).output.revealText())
                }
            }
            for try await (number, text) in group { #expect(text == "\(number)\n") }
        }
    }

    private static func write(_ text: String, to path: String, mode: mode_t) throws {
        try SystemFileStore().create(path, with: Array(text.utf8))
        #expect(unsafe chmod(path, mode) == 0)
    }
}

/// A pipe with a name, from which a test learns what other processes are at: its end comes when the last writer has gone.
private final class NamedPipe: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws {
        try #require(unsafe mkfifo(path, 0o600) == 0)
        descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    }

    deinit { close(descriptor) }

    private var events: Int16 {
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&wait, 1, 0)
        return wait.revents
    }

    var hasNoWriter: Bool { events & Int16(POLLHUP) != 0 }

    func untilSomethingIsWritten() async { while events & Int16(POLLIN) == 0 { await Task.yield() } }

    /// A pipe that nobody ever wrote to has no end either.
    func untilNobodyWrites() async { while !hasNoWriter { await Task.yield() } }
}
