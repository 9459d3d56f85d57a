import Glibc

/// Raw writing to standard output and standard error.
package enum StandardStream: Int32, Sendable {
    case output = 1
    case error = 2

    /// Opens `/dev/null` as each standard stream that is closed. Call it before anything else is opened: a file or socket
    /// that got the number of a stream would get what is meant for that.
    package static func openClosed() {
        for number: Int32 in 0...2 where fcntl(number, F_GETFD) < 0 && errno == EBADF {
            // The lowest free number is this one: those below it are open.
            guard unsafe open("/dev/null", O_RDWR) == number else { return }
        }
    }

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
