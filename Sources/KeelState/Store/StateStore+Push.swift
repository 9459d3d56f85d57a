import KeelBase

/// What a push did.
package enum PushOutcome: Sendable, Equatable {
    /// The state holds that already; nothing was written.
    case unchanged(serial: Int)
    /// The state was replaced.
    case replaced(serial: Int)
}

extension StateStore {
    /// The bytes of the state, with the journal of a killed run replayed; nil if there is no state.
    package func pull() throws(StateFailure) -> [UInt8]? { try read().document?.bytes() }

    /// Replaces the state by `bytes`, which are read and checked as a whole and written anew. The state as it was goes into
    /// the history. The caller holds the lock.
    ///
    /// `force` allows another lineage, a lower serial, and a state in service that cannot be read.
    ///
    /// - Throws: `StateFailure` with `.otherLineage`, `.olderSerial` or `.unfinishedRun`, or because `bytes` are no state.
    package func push(_ bytes: [UInt8], force: Bool, written: Written) throws(StateFailure) -> PushOutcome {
        var pushed = try StateDocument(pushed: bytes)
        let before = try load(paths.state)
        let current = try current(before, force: force)
        try refuseLeftover(current)
        if let current {
            if pushed.hasContent(of: current) { return .unchanged(serial: current.serial) }
            if !force { try refuse(pushed, over: current) }
        }
        let serials = if let current { (own: current.serial, last: current.serial) } else { try serialsOfDamaged() }
        if before != nil { try preserve(serial: serials.own) }
        pushed.serial = max(pushed.serial, max(serials.own, serials.last)) + 1
        pushed.written = written
        _ = try replace(pushed)
        // Whatever lies there continues an earlier serial, or is not even a first line.
        try removeJournal()
        return .replaced(serial: pushed.serial)
    }

    /// The state in service; nil if there is none, or none that can be read and `force` says that this does not matter.
    private func current(_ bytes: [UInt8]?, force: Bool) throws(StateFailure) -> StateDocument? {
        guard let bytes else { return nil }
        do throws(StateFailure) {
            return try parse(bytes, paths.state)
        } catch {
            guard force, error.code == .corrupt else { throw error }
            return nil
        }
    }

    /// A journal of a killed run holds results that nothing else has.
    private func refuseLeftover(_ current: StateDocument?) throws(StateFailure) {
        guard let journal = try journal(), !journal.entries.isEmpty else { return }
        if let current, journal.header.lineage == current.lineage, journal.header.serial < current.serial { return }
        let isNext = journal.header.lineage == current?.lineage && journal.header.serial == current?.serial
        throw StateFailure(
            .unfinishedRun, path: paths.journal,
            "the run \(ForeignText(journal.header.run)) did not finish, and its journal holds \(counted(journal.entries.count, "result")) that the state file lacks",
            remedy: isNext
                ? nil
                : "the state beside the journal is not the one that it continues; move the journal away (its lines name what was committed), then push again"
        )
    }

    private func refuse(_ pushed: StateDocument, over current: StateDocument) throws(StateFailure) {
        guard pushed.lineage == current.lineage else {
            throw StateFailure(
                .otherLineage, path: paths.state,
                "the pushed state has lineage \(ForeignText(pushed.lineage)), and the one in service has \(ForeignText(current.lineage)): it is another state"
            )
        }
        guard pushed.serial >= current.serial else {
            throw StateFailure(
                .olderSerial, path: paths.state,
                "the pushed state has serial \(pushed.serial), and the one in service has \(current.serial): it lacks what was committed since"
            )
        }
    }

    /// The serial that a damaged state in service has, as far as anybody can tell, and the highest there was.
    private func serialsOfDamaged() throws(StateFailure) -> (own: Int, last: Int) {
        let known = try history().filter { $0.damage == nil }
        let last = known.map(\.serial).max() ?? 0
        return (known.first { $0.isCurrent }?.serial ?? last + 1, last)
    }
}

extension StateDocument {
    /// A state that somebody brings, and may have edited: every record is decoded and encoded anew.
    fileprivate init(pushed bytes: [UInt8]) throws(StateFailure) {
        let name = "the pushed state"
        do throws(StateFailure) {
            self = try StateDocument(parsing: bytes, path: name)
            for address in addresses { set(address, try record(address, isEdited: true)) }
        } catch {
            throw StateFailure(
                error.code, path: name, error.reason,
                remedy: error.code == .corrupt
                    ? "mend that line, or pull the state again and repeat the change on it; nothing was changed here"
                    : error.remedy)
        }
    }
}
