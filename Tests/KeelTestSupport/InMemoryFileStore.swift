import KeelBase
import Synchronization

/// A file system in memory, with absolute paths: what was written can be read, and a test can look at all of it.
///
/// As on a real one, a file needs its directory, new files have mode 0600 and a second lock on a file is refused.
package final class InMemoryFileStore: FileStore {
    private struct State {
        var files: [String: [UInt8]] = [:]
        var modes: [String: UInt32] = [:]
        var directories: Set<String> = ["/"]
        var locks: Set<String> = []
        var failures: [String: FileFailure.Code] = [:]
    }

    private let state = Mutex(State())

    package init(directories: [String] = []) {
        for directory in directories { try? createDirectory(directory) }
    }

    /// The paths of all files, sorted.
    package var paths: [String] { state.withLock { $0.files.keys.sorted() } }

    /// The directories, in no order.
    package var directories: Set<String> { state.withLock { $0.directories } }

    /// The bytes of a file; nil if there is none.
    package func bytes(_ path: String) -> [UInt8]? { state.withLock { $0.files[path] } }

    /// The text of a file; nil if there is none.
    package func text(_ path: String) -> String? { bytes(path).map { String(decoding: $0, as: UTF8.self) } }

    /// Puts a file there, with its directories.
    package func put(_ path: String, _ text: String, mode: UInt32 = 0o600) {
        put(path, bytes: Array(text.utf8), mode: mode)
    }

    /// Puts a file there, with its directories.
    package func put(_ path: String, bytes: [UInt8], mode: UInt32 = 0o600) {
        state.withLock { state in
            Self.addDirectory(Self.parent(path), &state)
            state.files[path] = bytes
            state.modes[path] = mode
        }
    }

    /// From now on every operation on `path` fails so; nil mends it.
    package func fail(_ path: String, with code: FileFailure.Code?) {
        state.withLock { $0.failures[path] = code }
    }

    package func read(_ path: String, limit: Int) throws(FileFailure) -> [UInt8]? {
        try access(path, "open") { state throws(FileFailure) in
            if state.directories.contains(path) { throw Self.failure(.isDirectory, path, "read") }
            guard let bytes = state.files[path] else { return nil }
            guard bytes.count <= limit else { throw Self.failure(.tooLarge, path, "read") }
            return bytes
        }
    }

    package func replace(_ path: String, with bytes: [UInt8]) throws(FileFailure) {
        try access(path, "rename") { state throws(FileFailure) in try Self.write(path, bytes, &state) }
    }

    package func rewrite(_ path: String, with bytes: [UInt8]) throws(FileFailure) {
        try access(path, "rename") { state throws(FileFailure) in
            let mode = state.modes[path]
            try Self.write(path, bytes, &state)
            state.modes[path] = mode ?? 0o600
        }
    }

    package func create(_ path: String, with bytes: [UInt8]) throws(FileFailure) {
        try access(path, "open") { state throws(FileFailure) in
            guard state.files[path] == nil else { throw Self.failure(.exists, path, "open") }
            try Self.write(path, bytes, &state)
        }
    }

    /// A copy is as good as a link here: nothing is changed in place.
    package func preserve(_ path: String, as other: String) throws(FileFailure) {
        guard let bytes = try read(path, limit: .max) else { throw Self.failure(.other, path, "link") }
        try access(other, "link") { state throws(FileFailure) in
            guard state.files[other] == nil || state.files[other] == bytes else {
                throw Self.failure(.exists, other, "link")
            }
            try Self.write(other, bytes, &state)
        }
    }

    package func openAppending(_ path: String) throws(FileFailure) -> any AppendingFile {
        try access(path, "open") { state throws(FileFailure) in
            if state.files[path] == nil { try Self.write(path, [], &state) }
        }
        return Appending(store: self, path: path)
    }

    package func removeLeftovers(of path: String) {}

    package func remove(_ path: String) throws(FileFailure) {
        try access(path, "unlink") { state throws(FileFailure) in
            state.files[path] = nil
            state.modes[path] = nil
        }
    }

    package func createDirectory(_ path: String) throws(FileFailure) {
        try access(path, "mkdir") { state throws(FileFailure) in
            guard state.files[path] == nil else { throw Self.failure(.notDirectory, path, "mkdir") }
            Self.addDirectory(path, &state)
        }
    }

    package func list(_ path: String) throws(FileFailure) -> [DirectoryEntry] {
        try access(path, "opendir") { state throws(FileFailure) in
            guard state.directories.contains(path) else { throw Self.failure(.other, path, "opendir") }
            let files = state.files.keys.filter { Self.parent($0) == path }
            let directories = state.directories.filter { $0 != "/" && Self.parent($0) == path }
            return
                (files.map { DirectoryEntry(name: Self.name($0), kind: .file) }
                + directories.map { DirectoryEntry(name: Self.name($0), kind: .directory) })
                .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        }
    }

    package func mode(_ path: String) throws(FileFailure) -> UInt32? {
        try access(path, "stat") { state throws(FileFailure) in
            state.modes[path] ?? (state.directories.contains(path) ? 0o700 : nil)
        }
    }

    package func lock(_ path: String) throws(FileFailure) -> (any FileLock)? {
        try access(path, "flock") { state throws(FileFailure) in
            if state.files[path] == nil { try Self.write(path, [], &state) }
            return state.locks.insert(path).inserted ? Lock(store: self, path: path) : nil
        }
    }

    private func access<Result>(
        _ path: String, _ operation: String, _ body: (inout State) throws(FileFailure) -> Result
    ) throws(FileFailure) -> Result {
        try state.withLock { state throws(FileFailure) in
            if let code = state.failures[path] { throw Self.failure(code, path, operation) }
            return try body(&state)
        }
    }

    private static func write(_ path: String, _ bytes: [UInt8], _ state: inout State) throws(FileFailure) {
        guard state.directories.contains(parent(path)) else { throw failure(.other, path, "open") }
        guard !state.directories.contains(path) else { throw failure(.isDirectory, path, "open") }
        state.files[path] = bytes
        state.modes[path] = 0o600
    }

    private static func addDirectory(_ path: String, _ state: inout State) {
        var path = path
        while state.directories.insert(path).inserted { path = parent(path) }
    }

    /// The directory that a path is in.
    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private static func name(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    private static func failure(_ code: FileFailure.Code, _ path: String, _ operation: String) -> FileFailure {
        FileFailure(code: code, path: path, operation: operation, reason: code.rawValue)
    }

    private struct Appending: AppendingFile {
        let store: InMemoryFileStore
        let path: String

        func append(_ bytes: [UInt8]) throws(FileFailure) {
            try store.access(path, "write") { state throws(FileFailure) in state.files[path, default: []] += bytes }
        }

        func synchronize() throws(FileFailure) {
            try store.access(path, "fsync") { _ throws(FileFailure) in }
        }

        func close() {}
    }

    private struct Lock: FileLock {
        let store: InMemoryFileStore
        let path: String

        func unlock() { store.state.withLock { _ = $0.locks.remove(path) } }
    }
}
