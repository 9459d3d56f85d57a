import KeelBase
import KeelDiagnostics

/// What happens to one address.
package enum Action: String, Sendable {
    case create, update
    /// A new one is made before the old one goes.
    case replace
    case delete
    /// Only its name changes.
    case move
    /// It is no longer managed, and not destroyed.
    case forget
}

/// One difference between what is committed and what is wanted.
package struct FieldChange: Sendable, Equatable {
    /// The dotted name of the field.
    package let field: String
    package let before: FieldValue?
    package let after: FieldValue?
    /// Why, after the value: where it comes from, or what the change means.
    package let remark: String?

    package init(_ field: String, _ before: FieldValue?, _ after: FieldValue?, remark: String? = nil) {
        self.field = field
        self.before = before
        self.after = after
        self.remark = remark
    }
}

/// Everything that the plan does with one address.
package struct Change: Sendable, Equatable {
    package let address: ResourceAddress
    /// Under which address it was committed, when it was renamed.
    package var previous: ResourceAddress?
    package let action: Action
    package let fields: [FieldChange]
    /// Why it changes, beyond its fields.
    package var reasons: [Reason]
    /// What planning found there; the change is stale when apply finds something else.
    package let found: Found
    /// The digest of the values that it wants; nil when it wants nothing there.
    package let wanted: String?
    /// Where the resource stands in a manifest; nil if it is in none.
    package let place: SourceRange?

    package init(
        _ address: ResourceAddress, _ action: Action, fields: [FieldChange] = [], reasons: [Reason] = [],
        previous: ResourceAddress? = nil, found: Found, wanted: String?, place: SourceRange?
    ) {
        self.address = address
        self.action = action
        self.fields = fields
        self.reasons = reasons
        self.previous = previous
        self.found = found
        self.wanted = wanted
        self.place = place
    }
}

/// What planning found at an address: never tokens, generations or times, which change without anybody's decision.
package struct Found: Sendable, Hashable {
    /// The digest of what is committed; nil: nothing.
    package var record: String?
    /// The id of the grant that the record names.
    package var grant: String?
    /// What the vault knows of that grant; nil: not observed.
    package var facts: GrantFacts?

    package init(record: String? = nil, grant: String? = nil, facts: GrantFacts? = nil) {
        self.record = record
        self.grant = grant
        self.facts = facts
    }
}
