import KeelBase
import KeelDiagnostics

/// What happens to one address.
package enum Action: String, Sendable {
    case create, update
    /// A new one is made before the old one goes.
    case replace
    case delete
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
    package let action: Action
    package let fields: [FieldChange]
    /// Why it changes, beyond its fields: `never proven`, `the client's secret changes`.
    package let reasons: [String]
    /// Where the resource stands in a manifest; nil if it is in none.
    package let place: SourceRange?
}

/// A fact worth reading that is no change.
package struct PlanNote: Sendable, Equatable {
    package let code: String
    package let message: String
    package let address: ResourceAddress?
}

/// Everything that apply may do, as a value: changes with their reasons, and the graph of steps.
package struct Plan: Sendable, Equatable {
    /// By kind and name.
    package let changes: [Change]
    /// In an order that keeps every step behind those it waits for.
    package let steps: [Step]
    package let notes: [PlanNote]

    package var isEmpty: Bool { changes.isEmpty }

    /// What is added, changed and destroyed; a replacement counts as both added and destroyed, as in Terraform.
    package var counts: PlanCounts {
        var counts = PlanCounts()
        for change in changes { counts.count(change.action) }
        return counts
    }

    /// The accounts to be tested, in order.
    package var tested: [ResourceAddress] { steps.filter { $0.id.kind == .test }.map(\.id.address) }

    /// The authorizations to be obtained, in order.
    package var authorized: [ResourceAddress] { steps.filter { $0.id.kind == .authorize }.map(\.id.address) }
}

/// How many addresses are added, changed and destroyed.
package struct PlanCounts: Sendable, Equatable {
    package var add = 0
    package var change = 0
    package var destroy = 0

    package init() {}

    package mutating func count(_ action: Action) {
        switch action {
        case .create: add += 1
        case .update: change += 1
        case .replace:
            add += 1
            destroy += 1
        case .delete: destroy += 1
        }
    }
}
