import KeelBase
import KeelEngine
import KeelModel
import KeelPlan
import KeelState
import Synchronization

/// A ticket system that keeps mail accounts, as unlike the local keeper as may be: it makes records inactive, holds their
/// grants after somebody has consented in its pages, needs two writes for a record, and keeps one sender active at a time.
struct TicketKeeper: Keeper {
    let name = "tickets"
    let capabilities = KeeperCapabilities(holdsGrants: true, deactivates: true, writeOnly: ["password"])

    func plan(_ change: AccountChange) -> KeeperPlan {
        var record = change.record
        switch change.goal {
        case .account(let account):
            let isNew = change.committed == nil
            let fields: [String: FieldValue] = [
                "server": .text(account.endpoint.host), "port": .integer(account.endpoint.port),
                "userName": .text(account.userName),
            ]
            let stage = Step(
                change.address,
                .stage(
                    StageWork(
                        keeper: name,
                        writes: [
                            KeeperWrite(id: "account", fields: fields, isRepeatable: !isNew),
                            KeeperWrite(id: "profile", fields: ["profile": .text("mail")], isRepeatable: true),
                        ])), after: change.dependencies)
            var steps = [stage]
            if account.active {
                let authorize = Step(
                    change.address, .authorizeThere(KeeperWork(keeper: name, needsPerson: .yes)), after: [stage.id])
                let prove = Step(change.address, .proveThere(KeeperWork(keeper: name)), after: [authorize.id])
                let activate = Step(change.address, .activate(activation(true)), after: [prove.id])
                steps += [authorize, prove, activate]
            }
            let verify = Step(
                change.address, .verifyRecord(VerifyRecordWork(keeper: name, fields: fields)),
                after: [steps[steps.count - 1].id])
            record.after = [verify.id]
            let effects =
                account.active
                ? [
                    ImplicitEffect(
                        record: "Default Sender", consequence: "goes out of service: there is one active sender")
                ]
                : []
            return KeeperPlan(steps: steps + [verify, record], implicitEffects: effects)
        case .destroyed(.deactivate):
            let activate = Step(change.address, .activate(activation(false)), after: [])
            record.after = change.dependencies + [activate.id]
            return KeeperPlan(steps: [activate, record])
        case .destroyed(.forget), .released:
            record.after = change.dependencies
            return KeeperPlan(steps: [record])
        }
    }

    private func activation(_ isActive: Bool) -> StageWork {
        StageWork(
            keeper: name,
            writes: [KeeperWrite(id: "active", fields: ["active": .boolean(isActive)], isRepeatable: true)])
    }
}

/// The ticket system itself, in memory.
final class TicketSystem: KeeperClient {
    struct Record: Equatable {
        var id: String
        var fields: [String: FieldValue]
        var isActive = false
        var hasGrant = false
    }

    private struct State {
        var records: [ResourceAddress: [Record]] = [:]
        var writes: [String] = []
        var losesReplies = false
        var refusesLogins = false
        var made = 0
    }

    private let state = Mutex(State())

    /// The writes that arrived, in order.
    var writes: [String] { state.withLock { $0.writes } }

    func records(of address: ResourceAddress) -> [Record] { state.withLock { $0.records[address] ?? [] } }

    /// What is asked is done, and the answer gets lost.
    func loseReplies(_ loses: Bool) { state.withLock { $0.losesReplies = loses } }

    func refuseLogins(_ refuses: Bool) { state.withLock { $0.refusesLogins = refuses } }

    /// Somebody consents in its pages.
    func consent(to address: ResourceAddress) { change(address) { $0.hasGrant = true } }

    /// Somebody edits a record in its pages.
    func edit(_ address: ResourceAddress, _ field: String, _ value: FieldValue) {
        change(address) { $0.fields[field] = value }
    }

    /// Somebody makes a second record of the same name.
    func duplicate(_ address: ResourceAddress) {
        state.withLock { state in
            guard var copy = state.records[address]?.first else { return }
            copy.id = "copy"
            state.records[address]?.append(copy)
        }
    }

    /// Its records go on under another name: the ticket system knows them by their ids.
    func rename(_ old: ResourceAddress, to new: ResourceAddress) {
        state.withLock { $0.records[new] = $0.records.removeValue(forKey: old) }
    }

    private func change(_ address: ResourceAddress, _ body: (inout Record) -> Void) {
        state.withLock { state in
            guard var first = state.records[address]?.first else { return }
            body(&first)
            state.records[address]?[0] = first
        }
    }

    // MARK: KeeperClient

    func read(_ address: ResourceAddress, external: [String: String]) async -> RecordReading {
        let found = records(of: address)
        if found.count > 1 { return .ambiguous(found.map(\.id)) }
        guard let record = found.first else { return .absent }
        var fields = record.fields.mapValues(KeptRecord.Field.known)
        fields["password"] = .writeOnly
        return .present(KeptRecord(external: ["id": record.id], fields: fields))
    }

    func write(
        _ write: KeeperWrite, of address: ResourceAddress, external: [String: String]
    ) async throws(KeeperFailure) -> [String: String] {
        let (id, isLost) = state.withLock { state in
            state.writes.append("\(address.name) \(write.id)")
            if external["id"] == nil {
                state.made += 1
                state.records[address, default: []].append(Record(id: "id-\(state.made)", fields: [:]))
            }
            var record = state.records[address]?.last ?? Record(id: "", fields: [:])
            record.fields.merge(write.fields) { _, new in new }
            if case .boolean(let active)? = write.fields["active"] { record.isActive = active }
            if let index = state.records[address]?.indices.last { state.records[address]?[index] = record }
            return (record.id, state.losesReplies)
        }
        guard !isLost else {
            throw KeeperFailure(code: "unreachable", message: "the answer did not come", responsible: .nobody)
        }
        return ["id": id]
    }

    func authorize(
        _ address: ResourceAddress, external: [String: String]
    ) async throws(KeeperFailure) -> KeeperAuthorization {
        records(of: address).first?.hasGrant == true
            ? .authorized
            : .needsPerson(
                PendingAction(message: "somebody must authorize it in the ticket system", help: "open its page"))
    }

    func prove(_ address: ResourceAddress, external: [String: String]) async throws(KeeperFailure) -> String {
        guard !state.withLock({ $0.refusesLogins }) else {
            throw KeeperFailure(code: "refused", message: "its test connection failed", responsible: .user)
        }
        return "test connection"
    }
}
