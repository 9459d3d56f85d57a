import Glibc

/// Raw writing to standard output and standard error.
package enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// What became of a write.
    package enum Outcome: Sendable, Equatable {
        case written
        /// The reader has gone (`mailkeel plan | head`): nothing to complain of, and nobody to complain to.
        case readerGone
        /// The disk is full, or the like; the system's words.
        case failed(String)
    }

    /// Writes all of it, waiting where the reader is slow.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Outcome {
        var written = 0
        while written < bytes.count {
            let start = written
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(rawValue, buffer.baseAddress.map { unsafe $0 + start }, buffer.count - start)
            }
            if count >= 0 {
                written += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // Somebody made the shared descriptor non-blocking; wait as a blocking one would.
                var wait = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
                unsafe poll(&wait, 1, -1)
            case EPIPE: return .readerGone
            default: return .failed(unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "unknown error")
            }
        }
        return .written
    }

    /// Writes the UTF-8 of a text.
    @discardableResult
    package func write(_ text: String) -> Outcome { write(Array(text.utf8)) }
}
