import KeelBase

/// One run that writes: results go to the journal as they come, and into the state file at the end.
package actor StateRun {
    /// The state with everything that was committed so far.
    package private(set) var document: StateDocument
    /// The journal of a killed run that was folded in at the beginning.
    package nonisolated let recovered: Journal?
    private let run: String
    private let paths: StatePaths
    private let files: any FileStore
    private var journal: JournalWriter?
    private var changed = false
    /// Why the last `finish` failed: nobody can say whether the state file has been replaced, and so whether a journal
    /// that continues the earlier one would still be read.
    private var unfinished: StateFailure?

    init(document: StateDocument, run: String, paths: StatePaths, files: any FileStore, recovered: Journal?) {
        self.document = document
        self.run = run
        self.paths = paths
        self.files = files
        self.recovered = recovered
    }

    /// What the state remembers of an address now. (Handing out the whole document would make the next commit copy it.)
    package func record(of address: ResourceAddress) -> ResourceRecord? { document.resources[address] }

    /// Names the vault whose grants the records of this run will name. Call it before the first `commit`.
    package func use(vault: String) {
        guard document.vault != vault else { return }
        document.vault = vault
        changed = true
    }

    /// Commits a record (nil removes the address): it is durable when this returns, at a cost that does not depend on
    /// the size of the state. After a failed `finish` nothing can be committed until one has succeeded.
    package func commit(_ address: ResourceAddress, _ record: ResourceRecord?) async throws(StateFailure) {
        if let unfinished { throw unfinished }
        try await writer().append(Journal.Entry(address, record))
        document.resources[address] = record
        changed = true
    }

    /// Folds the journal into the state file: backup of the file as it was, then replacement, then removal of the journal.
    /// Call it when no `commit` is under way; it may be repeated when it failed.
    package func finish() async throws(StateFailure) {
        guard changed else { return }
        var folded = document
        folded.serial += 1
        do throws(FileFailure) {
            if let before = try files.read(paths.state, limit: .max) { try files.replace(paths.backup, with: before) }
            try files.replace(paths.state, with: folded.json.bytes(.pretty))
            try files.remove(paths.journal)
        } catch {
            let failure = StateFailure(error)
            unfinished = failure
            throw failure
        }
        document = folded
        changed = false
        unfinished = nil
        let done = journal
        journal = nil
        await done?.close()
    }

    private func writer() throws(StateFailure) -> JournalWriter {
        if let journal { return journal }
        do throws(FileFailure) {
            // Nothing is committed yet, but an attempt that failed may have left a part of its first line.
            try files.remove(paths.journal)
            let writer = JournalWriter(try openJournal())
            journal = writer
            return writer
        } catch {
            throw StateFailure(error)
        }
    }

    /// A journal with its first line.
    private func openJournal() throws(FileFailure) -> any AppendingFile {
        let file = try files.openAppending(paths.journal)
        let header = Journal.Header(lineage: document.lineage, serial: document.serial, vault: document.vault, run: run)
        do throws(FileFailure) {
            try file.append(Journal.line(header))
            try file.synchronize()
        } catch {
            file.close()
            throw error
        }
        return file
    }
}
