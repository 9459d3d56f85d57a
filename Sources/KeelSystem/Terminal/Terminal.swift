import Dispatch
import Glibc
import Synchronization

/// What stands at the other end of the standard streams.
package enum Terminal {
    /// Whether a descriptor (0, 1 or 2) is a terminal.
    package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// The width in columns of the terminal at a descriptor; nil if there is none, or it does not say.
    package static func width(_ descriptor: Int32) -> Int? {
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// The columns and rows of the terminal at a descriptor; nil if there is none, or it does not say.
    package static func size(_ descriptor: Int32) -> (columns: Int, rows: Int)? {
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return nil
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// The longest line that is read, in bytes.
    package static let lineLimit = 64 * 1024

    /// The next line from standard input without its end; nil at the end of input, on an error, or when the task is
    /// cancelled.
    ///
    /// Waits on a thread of its own, so that no pool thread is blocked by a person who thinks, and looks five times a
    /// second whether anybody still wants the answer.
    package static func readLine(from descriptor: Int32 = 0) async -> String? {
        let isCancelled = Cancellation()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(returning: line(from: descriptor, isCancelled))
                }
            }
        } onCancel: {
            isCancelled.flag.store(true, ordering: .relaxed)
        }
    }

    /// Byte by byte, so that what follows the line is left for the next reader.
    private static func line(from descriptor: Int32, _ cancellation: Cancellation) -> String? {
        var bytes: [UInt8] = []
        while bytes.count < lineLimit {
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&wait, 1, 200)
            if cancellation.flag.load(ordering: .relaxed) { return nil }
            if ready == 0 { continue }
            var byte: UInt8 = 0
            let count = unsafe read(descriptor, &byte, 1)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count >= 0 else { return nil }
            if count == 0, bytes.isEmpty { return nil }
            if count == 0 || byte == UInt8(ascii: "\n") { break }
            bytes.append(byte)
        }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}

private final class Cancellation: Sendable {
    let flag = Atomic(false)
}
