import KeelBase
import Subprocess
import Synchronization

/// What a running program has printed so far, and which process it is.
final class ProgramOutput: Sendable {
    /// The bytes of standard error that are kept: what is shown is shorter.
    private static let errorLimit = 16 * 1024

    /// More was printed than may be.
    struct Overflow: Error {}

    private let process = Mutex<Int32?>(nil)
    private let output = Mutex<[UInt8]>([])
    private let errors = Mutex<[UInt8]>([])

    /// The process, and the group that it leads; nil before it was started.
    var processID: Int32? { process.withLock { $0 } }

    func began(as number: Int32) { process.withLock { $0 = number } }

    /// Keeps all of `stream`, which must not be more than `limit`.
    func collect(_ stream: SubprocessOutputSequence, limit: Int) async throws {
        for try await chunk in stream {
            let fits = output.withLock { bytes in
                guard bytes.count + chunk.count <= limit else { return false }
                unsafe chunk.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
                return true
            }
            guard fits else { throw Overflow() }
        }
    }

    /// Keeps the beginning of `stream` and reads on, so that the writer is never held up.
    func collectErrors(_ stream: SubprocessOutputSequence) async {
        do {
            for try await chunk in stream {
                errors.withLock { bytes in
                    let room = Self.errorLimit - bytes.count
                    unsafe chunk.withUnsafeBytes { unsafe bytes.append(contentsOf: $0.prefix(room)) }
                }
                if Task.isCancelled { return }
            }
        } catch {
            // What was read is all there is to show.
        }
    }

    /// What was printed. It is forgotten here.
    func takeOutput() -> Secret {
        output.withLock { bytes in
            defer { for index in bytes.indices { bytes[index] = 0 } }
            return Secret(copying: bytes)
        }
    }

    /// The beginning of standard error. A program that prints its secret there as well (`set -x`) does not make it known.
    var complaint: ForeignText {
        let printed = output.withLock { $0 }
        return ForeignText(Self.without(printed, in: errors.withLock { $0 }))
    }

    /// `text` with each line of `printed` blotted out. Very short lines say nothing, and would blot out half of the text.
    private static func without(_ printed: [UInt8], in text: [UInt8]) -> [UInt8] {
        var text = String(decoding: text, as: UTF8.self)
        let lines = printed.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        for line in lines.lazy.filter({ $0.count >= 4 }).sorted(by: { $0.count > $1.count }).prefix(64) {
            text = text.replacing(String(decoding: line, as: UTF8.self), with: "(withheld)")
        }
        return Array(text.utf8)
    }
}
