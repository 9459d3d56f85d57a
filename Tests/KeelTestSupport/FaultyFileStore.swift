import KeelBase
import Synchronization

/// An `InMemoryFileStore` on a disk that fails at its n-th operation, and forgets at a power cut what was not synchronized.
package final class FaultyFileStore: FileStore {
    /// What the failing operation has done before it fails.
    package enum Damage: Sendable, CaseIterable {
        /// Nothing.
        case none
        /// Half of an append; nothing of anything else.
        case half
        /// All of it: only the answer was a failure.
        case whole
    }

    /// How long it lasts.
    package enum Duration: Sendable, CaseIterable {
        /// One operation.
        case once
        /// From then on every operation fails without effect, as for a process that was killed.
        case forGood
    }

    private struct State {
        var operations = 0
        var trace: DiskTrace
    }

    /// What is under it.
    package let memory: InMemoryFileStore
    private let failing: Int
    private let damage: Damage
    private let duration: Duration
    private let state: Mutex<State>

    /// `failing` is the number of the operation that fails, from 1; 0 for none.
    package init(over memory: InMemoryFileStore, failing: Int, _ damage: Damage, _ duration: Duration) {
        self.memory = memory
        state = Mutex(State(trace: DiskTrace(of: memory)))
        self.failing = failing
        self.damage = damage
        self.duration = duration
    }

    /// How many operations were asked for.
    package var operations: Int { state.withLock { $0.operations } }

    /// What the disk was asked to do until now.
    package var trace: DiskTrace { state.withLock { $0.trace } }

    /// What a power cut at this moment leaves.
    package func afterPowerCut(_ cut: PowerCut = .losesAll) -> InMemoryFileStore {
        let trace = trace
        return trace.disk(after: trace.count, cut)
    }

    private func note(_ body: (inout DiskTrace) -> Void) { state.withLock { body(&$0.trace) } }

    private func attempt<Result>(
        _ path: String, _ operation: String, half: () throws(FileFailure) -> Void = {},
        _ whole: () throws(FileFailure) -> Result
    ) throws(FileFailure) -> Result {
        let number = state.withLock { state in
            state.operations += 1
            return state.operations
        }
        let failure = FileFailure(code: .other, path: path, operation: operation, reason: "operation \(number) fails")
        if number == failing {
            switch damage {
            case .none: break
            case .half: try half()
            case .whole: _ = try whole()
            }
            throw failure
        }
        if failing > 0, number > failing, duration == .forGood { throw failure }
        return try whole()
    }

    package func read(_ path: String, limit: Int) throws(FileFailure) -> [UInt8]? {
        try attempt(path, "read") { () throws(FileFailure) in try memory.read(path, limit: limit) }
    }

    package func head(of path: String, count: Int) throws(FileFailure) -> FileHead? {
        try attempt(path, "read") { () throws(FileFailure) in try memory.head(of: path, count: count) }
    }

    package func replace(_ path: String, with bytes: [UInt8]) throws(FileFailure) {
        try attempt(path, "replace") { () throws(FileFailure) in
            try memory.replace(path, with: bytes)
            note { $0.replace(path, bytes) }
        }
    }

    package func create(_ path: String, with bytes: [UInt8]) throws(FileFailure) {
        try attempt(path, "create") { () throws(FileFailure) in
            try memory.create(path, with: bytes)
            note { $0.create(path, bytes) }
        }
    }

    package func preserve(_ path: String, as other: String) throws(FileFailure) {
        try attempt(path, "link") { () throws(FileFailure) in
            try memory.preserve(path, as: other)
            note { $0.preserve(path, as: other) }
        }
    }

    package func openAppending(_ path: String) throws(FileFailure) -> any AppendingFile {
        let file = try attempt(path, "open") { () throws(FileFailure) in
            let file = try memory.openAppending(path)
            note { $0.openAppending(path) }
            return file
        }
        return Appending(store: self, path: path, file: file)
    }

    package func removeLeftovers(of path: String) {}

    package func remove(_ path: String) throws(FileFailure) {
        try attempt(path, "remove") { () throws(FileFailure) in
            try memory.remove(path)
            note { $0.remove(path) }
        }
    }

    package func createDirectory(_ path: String) throws(FileFailure) {
        try attempt(path, "mkdir") { () throws(FileFailure) in
            try memory.createDirectory(path)
            note { $0.createDirectory(path) }
        }
    }

    package func list(_ path: String) throws(FileFailure) -> [DirectoryEntry] {
        try attempt(path, "list") { () throws(FileFailure) in try memory.list(path) }
    }

    package func mode(_ path: String) throws(FileFailure) -> UInt32? {
        try attempt(path, "stat") { () throws(FileFailure) in try memory.mode(path) }
    }

    package func lock(_ path: String) throws(FileFailure) -> (any FileLock)? {
        try attempt(path, "lock") { () throws(FileFailure) in
            let lock = try memory.lock(path)
            note { $0.lock(path) }
            return lock
        }
    }

    private struct Appending: AppendingFile {
        let store: FaultyFileStore
        let path: String
        let file: any AppendingFile

        func append(_ bytes: [UInt8]) throws(FileFailure) {
            try store.attempt(
                path, "append",
                half: { () throws(FileFailure) in try put(Array(bytes.prefix(bytes.count / 2))) },
                { () throws(FileFailure) in try put(bytes) })
        }

        private func put(_ bytes: [UInt8]) throws(FileFailure) {
            try file.append(bytes)
            store.note { $0.append(path, bytes) }
        }

        func synchronize() throws(FileFailure) {
            try store.attempt(path, "fsync") { () throws(FileFailure) in
                try file.synchronize()
                store.note { $0.synchronize(path) }
            }
        }

        func close() { file.close() }
    }
}
