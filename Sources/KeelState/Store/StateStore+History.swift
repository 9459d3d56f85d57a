import KeelBase

/// One state that there was, or is.
package struct HistoryEntry: Sendable, Equatable {
    package var serial: Int
    /// The run that wrote it; nil where an older version did, or if it is unreadable.
    package var written: Written?
    package var lineage: String?
    package var path: String
    /// The size of the file.
    package var bytes: Int
    /// Whether it is the state in service.
    package var isCurrent: Bool
    /// Why it cannot be read; nil if its head can.
    package var damage: String?

    package init(
        serial: Int, written: Written? = nil, lineage: String? = nil, path: String, bytes: Int, isCurrent: Bool,
        damage: String? = nil
    ) {
        self.serial = serial
        self.written = written
        self.lineage = lineage
        self.path = path
        self.bytes = bytes
        self.isCurrent = isCurrent
        self.damage = damage
    }
}

/// A state of the history.
package struct StateBackup: Sendable {
    package var path: String
    package var bytes: [UInt8]
    package var document: StateDocument
}

extension StateStore {
    /// How many earlier states are kept.
    static let historyLimit = 20
    /// Holds everything before the payload.
    private static let headLimit = 16 << 10

    /// The state in service and those before it, the newest first. Reads the heads of the files only; one that is damaged
    /// is listed as such.
    package func history() throws(StateFailure) -> [HistoryEntry] {
        var entries: [HistoryEntry] = []
        if let current = try entry(paths.state, serial: nil) { entries.append(current) }
        for backup in try backups() {
            if let entry = try entry(backup.path, serial: backup.serial) { entries.append(entry) }
        }
        return entries
    }

    /// The state with that serial, in service or of the history; nil if there is none.
    package func backup(serial: Int) throws(StateFailure) -> StateBackup? {
        guard let path = try history().first(where: { $0.serial == serial && $0.damage == nil })?.path,
            let bytes = try load(path)
        else { return nil }
        return StateBackup(path: path, bytes: bytes, document: try StateDocument(parsing: bytes, path: path))
    }

    /// Keeps the state file as it is under a name of its own, and forgets the oldest of those that were kept.
    func preserve(serial: Int) throws(StateFailure) {
        try inFiles { () throws(FileFailure) in
            try files.createDirectory(paths.history)
            var copy = 1
            while true {
                do throws(FileFailure) {
                    try files.preserve(paths.state, as: paths.backup(serial: serial, copy: copy))
                    break
                } catch {
                    // Somebody restored a state by hand, and so there are two of this serial.
                    guard error.code == .exists else { throw error }
                    copy += 1
                }
            }
        }
        // One backup too many harms nobody.
        for old in ((try? backups()) ?? []).dropFirst(Self.historyLimit) { try? files.remove(old.path) }
    }

    /// The backups, the newest first.
    func backups() throws(StateFailure) -> [(serial: Int, path: String)] {
        try inFiles { () throws(FileFailure) in
            guard try files.mode(paths.history) != nil else { return [] }
            var found: [(serial: Int, path: String)] = []
            for file in try files.list(paths.history) where file.kind == .file {
                if let serial = paths.serial(ofBackup: file.name) {
                    found.append((serial, "\(paths.history)/\(file.name)"))
                }
            }
            return found.sorted { ($0.serial, $0.path) > ($1.serial, $1.path) }
        }
    }

    /// The failure, with the command that mends it if there is a backup.
    package func mended(_ failure: StateFailure) -> StateFailure {
        guard failure.code == .corrupt else { return failure }
        let readable = (try? backups())?.first { backup in
            guard let bytes = try? load(backup.path) else { return false }
            return (try? StateDocument(parsing: bytes, path: backup.path)) != nil
        }
        guard let readable else { return failure }
        return StateFailure(
            .corrupt, path: failure.path, failure.reason,
            remedy:
                "`mailkeel state push --force \(readable.path)` restores the newest backup, which has serial \(readable.serial); the vault still holds all grants"
        )
    }

    /// Nil if the file is gone. Without a `serial`, it is the state in service.
    private func entry(_ path: String, serial: Int?) throws(StateFailure) -> HistoryEntry? {
        let head = try inFiles { () throws(FileFailure) in try files.head(of: path, count: Self.headLimit) }
        guard let head else { return nil }
        var entry = HistoryEntry(
            serial: serial ?? 0, path: path, bytes: head.size, isCurrent: serial == nil)
        do throws(ReadingFault) {
            var cursor = JSONCursor(head.bytes)
            let header = try StateHeader(&cursor) { _ in false }
            guard header.version != nil, let found = header.serial, let lineage = header.lineage else {
                throw ReadingFault(0, "it does not begin like a state")
            }
            entry.serial = serial ?? found
            entry.lineage = lineage
            entry.written = header.written
        } catch {
            entry.damage = "line \(error.line(in: head.bytes)): \(ForeignText(error.reason))"
        }
        return entry
    }
}
