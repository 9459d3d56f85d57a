import KeelBase
import KeelModel
import KeelPlan
import KeelState
import Synchronization

/// A keeper like those to come: it holds the grants of its accounts, makes records out of service, and does things by
/// itself. What it is handed is kept for the test.
final class TestKeeper: Keeper {
    let name = "remote"
    let capabilities: KeeperCapabilities
    private let handed = Mutex<[AccountChange]>([])

    init(unsupported: Set<String> = []) {
        capabilities = KeeperCapabilities(holdsGrants: true, deactivates: true, unsupported: unsupported)
    }

    var changes: [AccountChange] { handed.withLock { $0 } }

    func plan(_ change: AccountChange) -> KeeperPlan {
        handed.withLock { $0.append(change) }
        switch change.goal {
        case .account(let account): return plan(account, change)
        case .destroyed(.deactivate):
            let off = Step(
                change.address, .activate(work([("state", ["active": .boolean(false)])])), after: change.dependencies)
            return KeeperPlan(steps: chain([off, change.record]))
        case .destroyed(.forget), .released:
            var record = change.record
            record.after = change.dependencies
            return KeeperPlan(steps: [record])
        }
    }

    private func plan(_ account: EffectiveAccount, _ change: AccountChange) -> KeeperPlan {
        let values = account.spec.effective.mapValues(\.value)
        let writes = work([
            ("account", values.filter { !$0.key.hasPrefix("tls.") }),
            ("trust", values.filter { $0.key.hasPrefix("tls.") }),
        ])
        var steps = [Step(change.address, .stage(writes), after: change.dependencies, reasons: change.record.reasons)]
        if change.needsProof {
            steps += [
                Step(change.address, .authorizeThere(KeeperWork(keeper: name, needsPerson: .maybe)), after: []),
                Step(change.address, .proveThere(KeeperWork(keeper: name)), after: []),
                Step(change.address, .activate(work([("state", ["active": .boolean(true)])])), after: []),
            ]
        }
        steps.append(Step(change.address, .verifyRecord(VerifyRecordWork(keeper: name, fields: values)), after: []))
        var record = change.record
        record.after = change.dependencies
        let isSender = account.type == .smtp && account.active
        return KeeperPlan(
            steps: chain(steps + [record]),
            implicitEffects: isSender
                ? [ImplicitEffect(record: "Old Sender", consequence: "goes out of service: there is one active sender")]
                : [])
    }

    private func work(_ writes: [(id: String, fields: [String: FieldValue])]) -> StageWork {
        StageWork(
            keeper: name,
            writes: writes.map { KeeperWrite(id: $0.id, fields: $0.fields, isRepeatable: $0.id != "account") })
    }

    /// Each waits for the one before, besides what it waits for already.
    private func chain(_ steps: [Step]) -> [Step] {
        steps.enumerated().map { index, step in
            guard index > 0 else { return step }
            var step = step
            step.after.insert(steps[index - 1].id, at: 0)
            return step
        }
    }
}
