import Dispatch
import Glibc
import Synchronization

/// Turns the signals that end a program into a stream, so that it can finish what must be finished.
///
/// Install it before any lock is taken. It is a root: it lives as long as the process and owns the one
/// thread that waits for signals. Handlers, unlike ignored signals, are not inherited by child processes.
package final class SignalWatcher: Sendable {
    /// `SIGINT`, `SIGTERM` and `SIGHUP` as they come; each of them, so that a second one can mean "at once".
    package let signals: AsyncStream<Int32>

    private let continuation: AsyncStream<Int32>.Continuation

    private static let watched = [SIGINT, SIGTERM, SIGHUP]

    /// Installs the handlers; nil if the system has no pipe to give, or if a watcher is there already.
    package init?() {
        guard let reader = SignalPipe.open() else { return nil }
        (signals, continuation) = AsyncStream.makeStream()
        let continuation = continuation
        DispatchQueue(label: "mailkeel.signals").async {
            while let number = SignalPipe.next(from: reader), number != 0 { continuation.yield(number) }
            continuation.finish()
        }
        for signal in Self.watched { Self.install(signal) }
    }

    /// Makes a write to a closed pipe or socket fail with `EPIPE` instead of killing the process.
    package static func surviveBrokenPipes() { setHandler(SIGPIPE) { _ in } }

    /// Gives the signals their default meaning again, after which the stream ends: the next one kills.
    package func stop() {
        for number in Self.watched { signal(number, SIG_DFL) }
        SignalPipe.send(0)
    }

    /// A signal that was ignored when the program began (`nohup`) stays ignored.
    private static func install(_ number: Int32) {
        var former = sigaction()
        guard unsafe sigaction(number, nil, &former) == 0 else { return }
        let ignored = unsafe unsafeBitCast(SIG_IGN, to: Int.self)
        guard unsafe unsafeBitCast(former.__sigaction_handler.sa_handler, to: Int.self) != ignored else { return }
        setHandler(number) { SignalPipe.send($0) }
    }

    private static func setHandler(_ number: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = handler
        action.sa_flags = SA_RESTART
        unsafe sigaction(number, &action, nil)
    }
}

/// The pipe from the handlers to the watcher: in a signal handler little more than `write` is allowed.
private enum SignalPipe {
    private static let writer = Atomic<Int32>(-1)

    /// The reading end; nil if there is a pipe already.
    static func open() -> Int32? {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A handler must not wait when the pipe is full of signals that nobody has read.
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        guard writer.compareExchange(expected: -1, desired: ends[1], ordering: .sequentiallyConsistent).exchanged else {
            for end in ends { close(end) }
            return nil
        }
        return ends[0]
    }

    /// Waits for the next signal; nil if the pipe is broken.
    static func next(from reader: Int32) -> Int32? {
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
