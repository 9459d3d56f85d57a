import Glibc
import KeelBase
import Synchronization

/// A file opened for appending.
final class AppendedFile: AppendingFile {
    private let path: String
    /// Nil once closed.
    private let descriptor: Mutex<Descriptor?>

    init(_ descriptor: Descriptor) {
        path = descriptor.path
        self.descriptor = Mutex(descriptor)
    }

    /// A line that could be written only in part is taken back, so that the next does not continue it.
    func append(_ bytes: [UInt8]) throws(FileFailure) {
        try withDescriptor("write") { file throws(FileFailure) in
            let before = try file.status().st_size
            do throws(FileFailure) {
                try file.writeAll(bytes)
            } catch {
                _ = ftruncate(file.number, before)
                throw error
            }
        }
    }

    func synchronize() throws(FileFailure) {
        try withDescriptor("fsync") { file throws(FileFailure) in try file.synchronize() }
    }

    func close() { descriptor.withLock { $0 = nil } }

    private func withDescriptor(
        _ operation: String, _ body: (Descriptor) throws(FileFailure) -> Void
    ) throws(FileFailure) {
        try descriptor.withLock { descriptor throws(FileFailure) in
            guard let descriptor else { throw FileFailure(operation, path, errno: EBADF) }
            try body(descriptor)
        }
    }
}
