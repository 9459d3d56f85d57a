/// State and vault are all there is: prove, then record.
package struct LocalKeeper: Keeper {
    package let name = "local"
    package let capabilities = KeeperCapabilities()

    package init() {}

    package func plan(_ change: AccountChange) -> KeeperPlan {
        var record = change.record
        record.after = change.dependencies
        guard var test = change.test else { return KeeperPlan(steps: [record]) }
        test.after = change.grant
        record.after.insert(test.id, at: 0)
        return KeeperPlan(steps: [test, record])
    }
}
