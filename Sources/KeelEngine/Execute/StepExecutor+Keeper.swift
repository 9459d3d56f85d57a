import KeelBase
import KeelDiagnostics
import KeelPlan
import KeelState

/// Work at a keeper that is not this machine. Every write is noted as intended before it is sent and as done after it, so
/// that a run which dies in between leaves nothing that nobody knows of.
extension StepExecutor {
    func write(_ work: StageWork, _ address: ResourceAddress) async throws(StepFailure) {
        let client = try client(work.keeper, address)
        var staging = try await staging(work.keeper, address)
        for write in work.writes {
            let name = write.name
            if staging.writes.contains(where: { $0.id == name && $0.isDone }) { continue }
            let wasIntended = staging.writes.contains { $0.id == name }
            if wasIntended, !write.isRepeatable, let found = try await adopted(client, staging, address) {
                staging.external.merge(found) { _, new in new }
                staging.note(name, isDone: true)
                try await keep(staging, address)
                continue
            }
            staging.note(name, isDone: false)
            try await keep(staging, address)
            do throws(KeeperFailure) {
                let external = try await client.write(write, of: address, external: staging.external)
                staging.external.merge(external) { _, new in new }
            } catch {
                throw StepFailure(Diagnostic(error, work.keeper, address))
            }
            staging.note(name, isDone: true)
            try await keep(staging, address)
        }
    }

    func authorizeThere(_ work: KeeperWork, _ address: ResourceAddress) async throws(StepFailure) -> StepOutcome {
        let client = try client(work.keeper, address)
        let external = try await staging(work.keeper, address).external
        do throws(KeeperFailure) {
            switch try await client.authorize(address, external: external) {
            case .authorized: return .done
            case .needsPerson(let action): return .pending(action)
            }
        } catch {
            throw StepFailure(Diagnostic(error, work.keeper, address))
        }
    }

    func prove(_ work: KeeperWork, _ address: ResourceAddress) async throws(StepFailure) {
        let client = try client(work.keeper, address)
        let external = try await staging(work.keeper, address).external
        do throws(KeeperFailure) {
            await context.keep(proofBy: try await client.prove(address, external: external), of: address)
        } catch {
            throw StepFailure(Diagnostic(error, work.keeper, address), weight: .unproven)
        }
    }

    /// Reads the record back. A field that the keeper does not show is no difference.
    func verify(_ work: VerifyRecordWork, _ address: ResourceAddress) async throws(StepFailure) {
        let client = try client(work.keeper, address)
        var staging = try await staging(work.keeper, address)
        let reading = await client.read(address, external: staging.external)
        guard case .present(let kept) = reading else { throw unusable(reading, work.keeper, address) }
        for (field, wanted) in work.fields.sorted(by: { $0.key < $1.key }) {
            guard case .known(let value)? = kept.fields[field], value != wanted else { continue }
            throw StepFailure(
                Diagnostic(
                    .error, "keeper.not-as-written", "\(work.keeper) shows another \(field) than was written",
                    help: "somebody or something there changes it; look at the record, then apply again",
                    address: address, responsible: .tenantAdministrator))
        }
        staging.external.merge(kept.external) { _, new in new }
        try await keep(staging, address)
    }

    // MARK: Parts

    private func client(_ name: String, _ address: ResourceAddress) throws(StepFailure) -> any KeeperClient {
        guard let client = keepers[name] else {
            throw local("engine.no-keeper", "the run does not reach the keeper \(ForeignText(name))", address)
        }
        return client
    }

    /// What is under way at the keeper, begun by this run or an earlier one.
    private func staging(_ keeper: String, _ address: ResourceAddress) async throws(StepFailure) -> StagingRecord {
        let record = try await stored(address)
        if let staging = record?.staging, staging.keeper == keeper { return staging }
        var committed = record?.committed
        if committed == nil, let previous = previous[address] { committed = try await stored(previous)?.committed }
        return StagingRecord(
            keeper: keeper, external: committed?.external ?? [:], writes: [], at: time.now, run: run)
    }

    private func keep(_ staging: StagingRecord, _ address: ResourceAddress) async throws(StepFailure) {
        var record = try await stored(address) ?? ResourceRecord(committed: nil)
        record.staging = staging
        try await commit(address, record)
    }

    /// The ids of a record that an earlier run may have written before it died; nil if it is certain that it did not.
    private func adopted(
        _ client: any KeeperClient, _ staging: StagingRecord, _ address: ResourceAddress
    ) async throws(StepFailure) -> [String: String]? {
        switch await client.read(address, external: staging.external) {
        case .present(let kept): return kept.external
        case .absent: return nil
        case let reading: throw unusable(reading, staging.keeper, address)
        }
    }

    private func unusable(_ reading: RecordReading, _ keeper: String, _ address: ResourceAddress) -> StepFailure {
        let (code, message, help) =
            switch reading {
            case .absent: ("keeper.absent", "\(keeper) has no record of it", "look whether somebody removed it there")
            case .ambiguous(let ids):
                (
                    "keeper.ambiguous",
                    "\(keeper) has several records that fit: \(ForeignText(ids.joined(separator: ", ")))",
                    "remove the wrong ones there; none is taken or made until one is left"
                )
            case .unreadable(let reason):
                ("keeper.unreadable", "\(keeper) did not show its record: \(ForeignText(reason))", "try again later")
            case .notObserved, .present:
                ("keeper.unreadable", "\(keeper) did not show its record", "try again later")
            }
        return StepFailure(
            Diagnostic(.error, code, message, help: help, address: address, responsible: .tenantAdministrator))
    }
}

extension KeeperWrite {
    /// Names the write with its content: what an earlier run did for other values is not done.
    fileprivate var name: String {
        let content = JSON.sorted(fields.map { (key: $0.key, value: $0.value.json) })
        return "\(id) \(ContentDigest.hexadecimal(of: content.bytes()).prefix(16))"
    }
}

extension StagingRecord {
    fileprivate mutating func note(_ name: String, isDone: Bool) {
        writes.removeAll { $0.id == name }
        writes.append(StagedWrite(id: name, isDone: isDone))
    }
}

extension Diagnostic {
    fileprivate init(_ failure: KeeperFailure, _ keeper: String, _ address: ResourceAddress) {
        self.init(
            .error, "keeper.\(failure.code)", "\(keeper): \(failure.message)", help: failure.help, address: address,
            answer: failure.answer, responsible: failure.responsible)
    }
}
