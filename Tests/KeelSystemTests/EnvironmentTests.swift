import Glibc
import KeelBase
import KeelSystem
import Testing

struct EnvironmentTests {
    @Test func `variables are looked up, and a dump shows no value`() {
        let environment = ProcessEnvironment(["TOKEN": "canary-1", "EMPTY": "", "A": "b"])
        #expect(environment["A"] == "b")
        #expect(environment["NONE"] == nil)
        #expect(environment["EMPTY"] == "")
        #expect(environment.nonEmpty("EMPTY") == nil)
        #expect(environment.secret("TOKEN")?.revealText() == "canary-1")
        #expect(environment.names == ["A", "EMPTY", "TOKEN"])
        #expect(!String(reflecting: environment).contains("canary"))
        #expect(ProcessEnvironment.current()["PATH"] != nil)
    }

    @Test(
        arguments: [
            (["HOME": "/home/u"], "/home/u/.config", "/home/u/.local/state"),
            (["HOME": "/home/u", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s"], "/c", "/s"),
            (
                ["HOME": "/home/u", "XDG_CONFIG_HOME": "relative", "XDG_STATE_HOME": ""], "/home/u/.config",
                "/home/u/.local/state"
            ),
            (["HOME": "/"], "/.config", "/.local/state"),
        ] as [([String: String], String, String)])
    func `directories follow the specification`(
        variables: [String: String], configuration: String, state: String
    ) {
        let directories = UserDirectories(ProcessEnvironment(variables))
        #expect(directories.configuration == configuration)
        #expect(directories.state == state)
    }

    @Test func `the user database knows who this is`() {
        // Where it knows nobody of this number, there is no name.
        #expect(HostIdentity.userName?.isEmpty != true)
        #expect(geteuid() != 0 || HostIdentity.userName == "root")
    }

    /// What is opened afterwards must not get the number of a stream.
    @Test(arguments: [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]] as [[Int32]])
    func `closed standard streams are taken by the null device`(closed: [Int32]) async {
        await #expect(processExitsWith: .exitCode(7)) { [closed = closed as [Int32]] in
            // Another thread of this process may take a number in between; then what follows would prove nothing.
            var isUndisturbed = false
            while !isUndisturbed {
                for number in closed { close(number) }
                StandardStream.openClosed()
                isUndisturbed = closed.allSatisfy(isNullDevice)
            }
            let next = dup(0)
            let isWritten = closed.allSatisfy { number in
                StandardStream(rawValue: number)?.write("words") ?? .written == .written
            }
            exit(next > 2 && isWritten ? 7 : 1)
        }
    }

    @Test func `without HOME the user database knows`() {
        let home = UserDirectories(ProcessEnvironment([:])).home
        #expect(home?.hasPrefix("/") == true)
    }

    @Test func `signals come as a stream, each of them, and end with the watcher`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            let watcher = try #require(SignalWatcher())
            #expect(SignalWatcher() == nil)
            for number in [SIGTERM, SIGINT, SIGHUP, SIGTERM] {
                kill(getpid(), number)
                var next = watcher.signals.makeAsyncIterator()
                #expect(await next.next() == number)
            }
            watcher.stop()
            for await _ in watcher.signals {}
            // One command may be several runs, one after the other.
            let second = try #require(SignalWatcher())
            kill(getpid(), SIGINT)
            var next = second.signals.makeAsyncIterator()
            #expect(await next.next() == SIGINT)
            second.stop()
            exit(7)
        }
    }

    @Test func `a signal ignored from the start stays ignored`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            signal(SIGHUP, SIG_IGN)
            let watcher = try #require(SignalWatcher())
            kill(getpid(), SIGHUP)
            kill(getpid(), SIGTERM)
            var next = watcher.signals.makeAsyncIterator()
            #expect(await next.next() == SIGTERM)
            watcher.stop()
            kill(getpid(), SIGHUP)
            exit(7)
        }
    }

    @Test func `a reader that has gone is no failure and kills nobody`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            SignalWatcher.surviveBrokenPipes()
            var ends: [Int32] = [0, 0]
            #expect(unsafe pipe(&ends) == 0)
            dup2(ends[1], 1)
            close(ends[0])
            #expect(StandardStream.output.write("text") == .readerGone)
            close(1)
            #expect(StandardStream.output.write("text") == .failed("Bad file descriptor"))
            exit(7)
        }
    }

    @Test func `lines are read one at a time, whatever ends them`() async throws {
        var ends: [Int32] = [0, 0]
        #expect(unsafe pipe(&ends) == 0)
        #expect(!Terminal.isTerminal(ends[0]))
        #expect(Terminal.width(ends[0]) == nil)
        let text = Array("yes\r\n\nlast".utf8)
        #expect(unsafe write(ends[1], text, text.count) == text.count)
        close(ends[1])
        var lines: [String?] = []
        for _ in 0..<4 { lines.append(await Terminal.readLine(from: ends[0])) }
        #expect(lines == ["yes", "", "last", nil])
        close(ends[0])
    }

    @Test func `waiting for a line ends when the task is cancelled`() async {
        var ends: [Int32] = [0, 0]
        #expect(unsafe pipe(&ends) == 0)
        let reader = ends[0]
        let waiting = Task { await Terminal.readLine(from: reader) }
        waiting.cancel()
        #expect(await waiting.value == nil)
        for end in ends { close(end) }
    }
}

struct WorkingDirectoryTests {
    @Test func `a path below the working directory is shown from there`() {
        let here = WorkingDirectory.absolute("")
        #expect(WorkingDirectory.relative(here + "mail/a.yaml") == "mail/a.yaml")
        #expect(WorkingDirectory.relative("./mail/a.yaml") == "mail/a.yaml")
        #expect(WorkingDirectory.relative("mail/a.yaml") == "mail/a.yaml")
        #expect(WorkingDirectory.relative("/elsewhere/a.yaml") == "/elsewhere/a.yaml")
    }
}

private func isNullDevice(_ descriptor: Int32) -> Bool {
    var found = stat()
    var null = stat()
    return unsafe fstat(descriptor, &found) == 0 && stat("/dev/null", &null) == 0 && found.st_rdev == null.st_rdev
}
