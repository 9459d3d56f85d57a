import KeelBase
import KeelModel
import KeelState

/// Where the record of an account lives, as planning sees it: a keeper turns a change into steps. Pure; whatever
/// reaches the keeper is the business of those steps.
package protocol Keeper: Sendable {
    /// What `recordIn` names.
    var name: String { get }
    var capabilities: KeeperCapabilities { get }
    /// The steps that make the change, the last of which is a `record` step for the account's address; and what the
    /// keeper will do by itself to records that nobody manages.
    func plan(_ change: AccountChange) -> KeeperPlan
}

/// What a keeper can do.
package struct KeeperCapabilities: Sendable, Equatable {
    /// It keeps the grants of its accounts, so that the vault has none for them.
    package var holdsGrants: Bool
    /// It can take a record out of service and leave it there.
    package var deactivates: Bool
    /// Fields that can be written and never read back.
    package var writeOnly: Set<String>
    /// Fields that it has no place for.
    package var unsupported: Set<String>
    /// What it forbids, for lint.
    package var rules: KeeperRules

    package init(
        holdsGrants: Bool = false, deactivates: Bool = false, writeOnly: Set<String> = [],
        unsupported: Set<String> = [], rules: KeeperRules = KeeperRules()
    ) {
        self.holdsGrants = holdsGrants
        self.deactivates = deactivates
        self.writeOnly = writeOnly
        self.unsupported = unsupported
        self.rules = rules
    }
}

/// A change of one account, as it is handed to its keeper.
package struct AccountChange: Sendable {
    /// Where the change leads.
    package enum Goal: Sendable {
        case account(EffectiveAccount)
        /// It is destroyed.
        case destroyed(RemovalPolicy)
        /// It is no longer managed, and not touched.
        case released
    }

    package let address: ResourceAddress
    package let goal: Goal
    /// Nil: it is new.
    package let committed: CommittedRecord?
    /// What an earlier run began at the keeper and did not finish.
    package let staging: StagingRecord?
    package let reading: RecordReading
    package let fields: [FieldChange]
    package let effects: Set<Effect>
    /// Whether it must be proven before it is put into service.
    package let needsProof: Bool
    /// What this run does before: the records of its profile and slot, and what obtains its grant.
    package let dependencies: [StepID]
    package let grant: [StepID]
    /// The login that proves it, for keepers whose accounts are proven from here; nil when none is needed.
    package let test: Step?
    /// What is committed in the end.
    package let record: Step
}

/// What a keeper makes of a change.
package struct KeeperPlan: Sendable {
    package var steps: [Step]
    package var implicitEffects: [ImplicitEffect]

    package init(steps: [Step], implicitEffects: [ImplicitEffect] = []) {
        self.steps = steps
        self.implicitEffects = implicitEffects
    }
}

/// What a keeper does by itself to a record that no manifest names, when a change is made.
package struct ImplicitEffect: Sendable, Equatable {
    /// How the keeper names the other record.
    package let record: String
    /// What happens to it: `goes out of service: there is one active sender`.
    package let consequence: String

    package init(record: String, consequence: String) {
        self.record = record
        self.consequence = consequence
    }
}
