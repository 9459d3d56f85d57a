import Dispatch
import Glibc
import Synchronization

/// Turns the signals that end a program into a stream, so that it can finish what must be finished.
///
/// Install it before any lock is taken. There is one at a time; after `stop` there may be another. Handlers, unlike ignored
/// signals, are not inherited by child processes.
package final class SignalWatcher: Sendable {
    /// `SIGINT`, `SIGTERM` and `SIGHUP` as they come; each of them, so that a second one can mean "at once".
    package let signals: AsyncStream<Int32>

    private static let watched = [SIGINT, SIGTERM, SIGHUP]
    /// Those whose handlers are ours; one that was ignored when the program began (`nohup`) stays ignored.
    private let handled: [Int32]

    /// Installs the handlers; nil if the system has no pipe to give, or if a watcher is there that was not stopped.
    package init?() {
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        guard SignalPipe.isOpen, SignalPipe.listen(continuation) else { return nil }
        signals = stream
        handled = Self.watched.filter { !Self.isIgnored($0) }
        for number in handled { Self.setHandler(number) { SignalPipe.send($0) } }
    }

    /// Makes a write to a closed pipe or socket fail with `EPIPE` instead of killing the process.
    package static func surviveBrokenPipes() { setHandler(SIGPIPE) { _ in } }

    /// Gives the signals their default meaning again, after which the stream ends: the next one kills.
    package func stop() {
        for number in handled { signal(number, SIG_DFL) }
        SignalPipe.stopListening()
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var current = sigaction()
        guard unsafe sigaction(number, nil, &current) == 0 else { return true }
        let ignored = unsafe unsafeBitCast(SIG_IGN, to: Int.self)
        return unsafe unsafeBitCast(current.__sigaction_handler.sa_handler, to: Int.self) == ignored
    }

    private static func setHandler(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = handler
        action.sa_flags = SA_RESTART
        unsafe sigaction(number, &action, nil)
    }
}

/// The pipe from the handlers to whoever watches: in a signal handler little more than `write` is allowed. It is made once,
/// and its one reading thread lives as long as the process; watchers come and go.
private enum SignalPipe {
    private static let writer = Atomic<Int32>(-1)
    private static let listener = Mutex<AsyncStream<Int32>.Continuation?>(nil)

    static let isOpen: Bool = {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { return false }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A handler must not wait when the pipe is full of signals that nobody has read.
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        writer.store(ends[1], ordering: .sequentiallyConsistent)
        let reader = ends[0]
        DispatchQueue(label: "mailkeel.signals").async {
            while let number = next(from: reader) { _ = listener.withLock { $0?.yield(number) } }
        }
        return true
    }()

    /// Whether `continuation` hears of signals from now on: one at a time does.
    static func listen(_ continuation: AsyncStream<Int32>.Continuation) -> Bool {
        listener.withLock { current in
            guard current == nil else { return false }
            current = continuation
            return true
        }
    }

    static func stopListening() {
        let former = listener.withLock { current in
            defer { current = nil }
            return current
        }
        former?.finish()
    }

    /// Waits for the next signal; nil if the pipe is broken.
    private static func next(from reader: Int32) -> Int32? {
        var byte: UInt8 = 0
        while true {
            let count = unsafe read(reader, &byte, 1)
            if count == 1 { return Int32(byte) }
            guard count < 0, errno == EINTR else { return nil }
        }
    }

    static func send(_ number: Int32) {
        let saved = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = unsafe write(writer.load(ordering: .relaxed), &byte, 1)
        errno = saved
    }
}
