import KeelBase

/// One run that writes: results go to the journal as they come, and into the state file at the end.
package actor StateRun {
    /// The state with everything that was committed so far.
    package private(set) var document: StateDocument
    /// The journal of a killed run that was folded in at the beginning.
    package nonisolated let recovered: Journal?
    private let store: StateStore
    private let writer: StateWriter
    private var journal: JournalFile?
    /// Whether the state file lacks something.
    private var changed = false
    /// Whether the state as it was before this run is in the history, or was none.
    private var isPreserved: Bool
    /// About how many bytes the state file has.
    private var stateSize: Int

    /// What becomes the next line of the journal.
    private var next = Line()
    private var flushing = false
    private var waiters: [CheckedContinuation<Void, Never>] = []
    /// Why nothing can be committed until `finish` has succeeded: nobody can say what of the last attempt is on the disk.
    private var broken: StateFailure?

    /// What is written together, and what came of it.
    private final class Line {
        var entries: [StoredEntry] = []
        var outcome: Result<Void, StateFailure>?
    }

    init(_ start: Start, writer: StateWriter, store: StateStore) {
        document = start.document
        recovered = start.recovered
        isPreserved = start.isNew
        stateSize = start.size
        self.writer = writer
        self.store = store
    }

    /// How a run finds the state.
    struct Start {
        var document: StateDocument
        var recovered: Journal?
        /// Whether there was none before.
        var isNew: Bool
        var size: Int
    }

    /// What the state remembers of an address now. (Handing out the whole document would make the next commit copy it.)
    package func record(of address: ResourceAddress) throws(StateFailure) -> ResourceRecord? {
        try document.record(address)
    }

    /// What planning looks at of an address now.
    package func head(of address: ResourceAddress) -> RecordHead? { document.head(address) }

    /// Names the vault whose grants the records of this run will name. Call it before the first `commit`.
    package func use(vault: String) {
        guard document.vault != vault else { return }
        document.vault = vault
        changed = true
    }

    /// Commits a record (nil removes the address): it is durable when this returns, at a cost that does not depend on
    /// the size of the state. After a failure nothing can be committed until a `finish` has succeeded.
    package func commit(_ address: ResourceAddress, _ record: ResourceRecord?) async throws(StateFailure) {
        try await commit([Journal.Entry(address, record)])
    }

    /// Commits what `change` makes of the record that is there, or of an empty one: what others commit meanwhile is not lost.
    package func amend(
        _ address: ResourceAddress, _ change: (inout ResourceRecord) -> Void
    ) async throws(StateFailure) {
        while flushing || !next.entries.isEmpty {
            if flushing { await withCheckedContinuation { waiters.append($0) } } else { await flush() }
        }
        var record = try document.record(address) ?? ResourceRecord(committed: nil)
        change(&record)
        try await commit(address, record)
    }

    /// Commits all of them or, when it fails, possibly none: they are one line of the journal.
    package func commit(_ batch: [Journal.Entry]) async throws(StateFailure) {
        guard !batch.isEmpty else { return }
        if let broken { throw broken }
        let line = next
        line.entries += StoredEntry.encoded(batch)
        while line.outcome == nil {
            if flushing {
                await withCheckedContinuation { waiters.append($0) }
            } else {
                await flush()
            }
        }
        try line.outcome?.get()
    }

    /// Folds the journal into the state file: the file as it was goes into the history (once for each run), then it is
    /// replaced, then the journal is removed. Call it when no `commit` is under way; it may be repeated when it failed.
    package func finish() async throws(StateFailure) {
        while flushing { await withCheckedContinuation { waiters.append($0) } }
        guard changed || broken != nil else { return }
        try fold()
        broken = nil
    }

    // MARK: Writing

    /// Writes what waits as one line, and takes it into the document.
    private func flush() async {
        flushing = true
        // Lets commits that are already waiting for this actor join the line.
        await Task.yield()
        let line = next
        next = Line()
        do throws(StateFailure) {
            if let broken { throw broken }
            try await append(JournalLine.batch(line.entries))
            for entry in line.entries { document.apply(entry) }
            changed = true
            line.outcome = .success(())
            // The line is durable, whatever comes of this.
            if let journal, journal.size > max(store.journalLimit, 2 * stateSize) { try fold() }
        } catch {
            broken = error
            if line.outcome == nil { line.outcome = .failure(error) }
        }
        flushing = false
        let woken = waiters
        waiters = []
        for waiter in woken { waiter.resume() }
    }

    private func append(_ line: [UInt8]) async throws(StateFailure) {
        if journal == nil {
            journal = try store.openJournal(
                Journal.Header(
                    lineage: document.lineage, serial: document.serial, vault: document.vault, run: writer.run,
                    operation: writer.operation, who: writer.who))
        }
        guard var open = journal else { return }
        do throws(FileFailure) {
            try await open.append(line)
        } catch {
            throw StateFailure(error)
        }
        journal = open
    }

    private func fold() throws(StateFailure) {
        if changed {
            if !isPreserved { try store.preserve(serial: document.serial) }
            isPreserved = true
            var folded = document
            folded.serial += 1
            folded.written = writer.written
            do throws(StateFailure) {
                stateSize = try store.replace(folded)
            } catch {
                // Nobody can say whether the file has been replaced, and so whether a journal of it would still be read.
                broken = error
                throw error
            }
            document = folded
            changed = false
        }
        journal?.close()
        journal = nil
        do throws(StateFailure) {
            try store.removeJournal()
        } catch {
            broken = error
            throw error
        }
    }
}
