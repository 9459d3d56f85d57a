import KeelBase

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
    let files: any FileStore
    /// 256 MiB holds more than 100,000 accounts with their authorizations.
    static let sizeLimit = 256 << 20
    /// A journal that outgrows this, and twice the state, is folded in while the run goes on.
    let journalLimit: Int

    package init(_ paths: StatePaths, files: any FileStore, journalLimit: Int = 4 << 20) {
        self.paths = paths
        self.files = files
        self.journalLimit = journalLimit
    }

    /// Reads the state and replays a journal that a killed run left, without writing anything.
    package func read() throws(StateFailure) -> StateSnapshot {
        let document = try load(paths.state).map { bytes throws(StateFailure) in try parse(bytes, paths.state) }
        guard let journal = try journal() else { return StateSnapshot(document: document) }
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

    /// Opens a run that may write, folding in what an earlier run left. The caller holds the lock until the run is closed.
    ///
    /// `fresh` makes the first document when there is none.
    package func begin(_ writer: StateWriter, fresh: () -> StateDocument) throws(StateFailure) -> StateRun {
        let snapshot = try read()
        var start = StateRun.Start(
            document: snapshot.document ?? fresh(), recovered: snapshot.leftover, isNew: snapshot.document == nil,
            size: snapshot.document?.table.size ?? 0)
        if snapshot.document == nil || snapshot.leftover != nil {
            // The killed run changed something: what was before it is kept like what is before any other.
            if snapshot.document != nil { try preserve(serial: start.document.serial) }
            start.document.serial += 1
            start.document.written = writer.written(for: snapshot.leftover?.header)
            start.size = try replace(start.document)
        }
        // The state file has everything from here on; a journal that is still there was folded in, now or before.
        try removeJournal()
        return StateRun(start, writer: writer, store: self)
    }

    // MARK: Files

    func load(_ path: String) throws(StateFailure) -> [UInt8]? {
        try inFiles { () throws(FileFailure) in try files.read(path, limit: Self.sizeLimit) }
    }

    /// The journal that lies there; nil if there is none, or not even a first line of one.
    func journal() throws(StateFailure) -> Journal? {
        guard let bytes = try load(paths.journal) else { return nil }
        return try Journal.parse(bytes, path: paths.journal)
    }

    /// Reads a state, and names the newest backup if it cannot be read.
    func parse(_ bytes: [UInt8], _ path: String) throws(StateFailure) -> StateDocument {
        do throws(StateFailure) {
            return try StateDocument(parsing: bytes, path: path)
        } catch {
            throw mended(error)
        }
    }

    /// Replaces the state file; returns its size.
    func replace(_ document: StateDocument) throws(StateFailure) -> Int {
        let bytes = document.bytes()
        guard bytes.count <= Self.sizeLimit else {
            throw StateFailure(
                .tooLarge, path: paths.state,
                "it would have \(bytes.count >> 20) MiB, and at most \(Self.sizeLimit >> 20) MiB can be read again")
        }
        try inFiles { () throws(FileFailure) in try files.replace(paths.state, with: bytes) }
        return bytes.count
    }

    func openJournal(_ header: Journal.Header) throws(StateFailure) -> JournalFile {
        try inFiles { () throws(FileFailure) in try JournalFile(paths.journal, header, files: files) }
    }

    func removeJournal() throws(StateFailure) {
        try inFiles { () throws(FileFailure) in try files.remove(paths.journal) }
    }

    func inFiles<Result>(_ body: () throws(FileFailure) -> Result) throws(StateFailure) -> Result {
        do throws(FileFailure) {
            return try body()
        } catch {
            throw StateFailure(error)
        }
    }
}

/// Who writes a state, and by which clock.
package struct StateWriter: Sendable {
    package let run: String
    /// The command: `apply`, `destroy`, `state mv`.
    package let operation: String
    package let who: String
    private let time: any TimeSource

    package init(run: String, operation: String, who: String, time: any TimeSource) {
        self.run = run
        self.operation = operation
        self.who = who
        self.time = time
    }

    /// What is noted in a state that is written now.
    package var written: Written { Written(run: run, operation: operation, who: who, at: time.now) }

    /// What is noted where the results are those of an earlier run.
    fileprivate func written(for earlier: Journal.Header?) -> Written {
        var written = written
        guard let earlier else { return written }
        written.run = earlier.run
        written.operation = earlier.operation ?? operation
        written.who = earlier.who ?? who
        return written
    }
}
