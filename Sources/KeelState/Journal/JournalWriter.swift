import KeelBase

/// Appends entries so that each is durable when its `append` returns, with one fsync for all that arrive together.
package actor JournalWriter {
    private let file: any AppendingFile
    private var pending: [UInt8] = []
    /// How many entries were handed in, and how many are durable.
    private var accepted = 0
    private var durable = 0
    private var flushing = false
    private var waiters: [CheckedContinuation<Void, Never>] = []
    /// The first failure; nothing is durable after it.
    private var failure: FileFailure?

    init(_ file: any AppendingFile) { self.file = file }

    /// Returns when the entry is on stable storage.
    ///
    /// - Throws: `StateFailure` with `.file`; the entry then counts as not committed.
    package func append(_ entry: Journal.Entry) async throws(StateFailure) {
        pending += Journal.line(entry)
        accepted += 1
        let ticket = accepted
        while durable < ticket {
            if let failure { throw StateFailure(failure) }
            if flushing {
                await withCheckedContinuation { waiters.append($0) }
            } else {
                await flush()
            }
        }
    }

    func close() { file.close() }

    private func flush() async {
        flushing = true
        // Lets appends that are already waiting for this actor join the batch.
        await Task.yield()
        let batch = pending
        let reached = accepted
        pending = []
        do throws(FileFailure) {
            try file.append(batch)
            try file.synchronize()
            durable = reached
        } catch {
            failure = failure ?? error
        }
        flushing = false
        let woken = waiters
        waiters = []
        for waiter in woken { waiter.resume() }
    }
}
