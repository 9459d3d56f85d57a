import KeelBase

/// Where the files of a state stand.
package struct StatePaths: Sendable, Hashable {
    /// The state file itself.
    package let state: String

    package init(state: String) { self.state = state }

    package var journal: String { state + ".journal" }
    package var backup: String { state + ".backup" }
    package var lock: String { state + ".lock" }
    package var lockRecord: String { state + ".lock.info" }
    package var directory: String {
        guard let slash = state.lastIndex(of: "/") else { return "." }
        return slash == state.startIndex ? "/" : String(state[..<slash])
    }
}

/// A state as it is read: the file with what a journal adds to it.
package struct StateSnapshot: Sendable {
    /// Nil if there is no state yet.
    package var document: StateDocument?
    /// What an earlier run left behind that its end would have folded in.
    package var leftover: Journal?
}

/// The state in files on this machine.
package struct StateStore: Sendable {
    package let paths: StatePaths
    private let files: any FileStore
    /// 64 MiB holds some 60,000 accounts.
    private static let sizeLimit = 64 << 20

    package init(_ paths: StatePaths, files: any FileStore) {
        self.paths = paths
        self.files = files
    }

    /// Reads the state and replays a journal that a killed run left, without writing anything.
    package func read() throws(StateFailure) -> StateSnapshot {
        let document: StateDocument?
        if let bytes = try load(paths.state) {
            document = try StateDocument(parsing: bytes, path: paths.state)
        } else {
            document = nil
        }
        guard let bytes = try load(paths.journal), let journal = try Journal.parse(bytes, path: paths.journal) else {
            return StateSnapshot(document: document)
        }
        guard var replayed = document, replayed.lineage == journal.header.lineage else {
            throw StateFailure(
                .foreignJournal, path: paths.journal,
                "it continues a state with lineage \(ForeignText(journal.header.lineage)), which is not the one beside it"
            )
        }
        // The fold replaces the state file before it removes the journal; a crash in between leaves a journal that is done.
        guard journal.header.serial == replayed.serial else {
            guard journal.header.serial < replayed.serial else {
                throw StateFailure(
                    .foreignJournal, path: paths.journal,
                    "it continues serial \(journal.header.serial), but the state beside it has serial \(replayed.serial)"
                )
            }
            return StateSnapshot(document: document)
        }
        replayed.apply(journal)
        return StateSnapshot(document: replayed, leftover: journal)
    }

    /// Takes the lock; `.locked` if another run holds it.
    package func lock(_ record: LockRecord) throws(StateFailure) -> StateLock {
        do throws(FileFailure) {
            try files.createDirectory(paths.directory)
            if let lock = try files.lock(paths.lock) {
                do throws(FileFailure) {
                    try files.replace(paths.lockRecord, with: record.json.bytes(.pretty))
                } catch {
                    lock.unlock()
                    throw error
                }
                return StateLock(lock: lock, recordPath: paths.lockRecord, files: files)
            }
        } catch {
            throw StateFailure(error)
        }
        let holder = (try? files.read(paths.lockRecord, limit: 4096))?.flatMap(LockRecord.init(parsing:))
        let who = holder.map { "\($0.who) (\($0.operation), since \($0.created), \($0.info))" } ?? "another run"
        throw StateFailure(.locked, path: paths.state, "\(who) holds the state lock", holder: holder)
    }

    /// Opens a run that may write, folding in what an earlier run left. The caller holds the lock until the run is closed.
    ///
    /// `fresh` makes the first document when there is none.
    package func begin(run: String, fresh: () -> StateDocument) throws(StateFailure) -> StateRun {
        let snapshot = try read()
        do throws(FileFailure) {
            var document = snapshot.document ?? fresh()
            if snapshot.document == nil || snapshot.leftover != nil {
                document.serial += 1
                try files.replace(paths.state, with: document.json.bytes(.pretty))
            }
            // The state file has everything from here on; a journal that is still there was folded in, now or before.
            try files.remove(paths.journal)
            return StateRun(document: document, run: run, paths: paths, files: files, recovered: snapshot.leftover)
        } catch {
            throw StateFailure(error)
        }
    }

    private func load(_ path: String) throws(StateFailure) -> [UInt8]? {
        do {
            return try files.read(path, limit: Self.sizeLimit)
        } catch {
            throw StateFailure(error)
        }
    }
}

/// The held state lock.
package struct StateLock: Sendable {
    fileprivate let lock: any FileLock
    fileprivate let recordPath: String
    fileprivate let files: any FileStore

    /// Removes the readable record and frees the lock. A record that cannot be removed misleads nobody: the kernel's
    /// lock decides.
    package func unlock() {
        try? files.remove(recordPath)
        lock.unlock()
    }
}

extension StateDocument {
    /// The document with a journal's entries folded in.
    mutating func apply(_ journal: Journal) {
        vault = journal.header.vault ?? vault
        for entry in journal.entries { resources[entry.address] = entry.record }
    }
}
