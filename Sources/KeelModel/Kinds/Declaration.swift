import KeelBase
import KeelDiagnostics

/// A value and the place in a manifest where it stands.
package struct Located<Value: Sendable>: Sendable {
    package let value: Value
    package let range: SourceRange

    package init(_ value: Value, _ range: SourceRange) {
        self.value = value
        self.range = range
    }
}

extension Located: Equatable where Value: Equatable {}

/// The values under `spec`, each with its place.
package struct Spec<Field: ResourceField>: Sendable {
    /// One slot for each raw value of `Field`.
    private var slots: [Located<FieldValue>?]
    /// Raw values of fields that were written in a way that was refused.
    private var refused: Set<Int> = []

    package init() { slots = Array(repeating: nil, count: Field.allCases.count) }

    package subscript(field: Field) -> FieldValue? { slots[field.rawValue]?.value }

    /// Where the field's value stands.
    package func place(_ field: Field) -> SourceRange? { slots[field.rawValue]?.range }

    package func text(_ field: Field) -> String? { if case .text(let text) = self[field] { text } else { nil } }

    mutating func set(_ index: Int, _ value: Located<FieldValue>) { slots[index] = value }

    mutating func refuse(_ index: Int) { refused.insert(index) }

    /// Whether the field was written, even if its value was refused.
    func isWritten(_ index: Int) -> Bool { slots[index] != nil || refused.contains(index) }

    /// Whether the field was written with a value that was refused, or under a mistyped name. That was reported, and
    /// no other mistake follows from its absence.
    func isRefused(_ field: Field) -> Bool { slots[field.rawValue] == nil && refused.contains(field.rawValue) }
}

/// One resource as a manifest declares it.
package struct Declaration<Field: ResourceField>: Sendable {
    package let name: Located<String>
    package let labels: [String: String]
    package let annotations: [String: String]
    package let spec: Spec<Field>
    /// The directory of the manifest, relative to the project; empty for the project's own.
    package let directory: String

    package var address: ResourceAddress { ResourceAddress(Field.kind, name.value) }

    /// The place to show when a mistake concerns the field: its value, else the resource's name.
    package func place(_ field: Field) -> SourceRange { spec.place(field) ?? name.range }
}

package typealias DeclaredAccount = Declaration<AccountField>
package typealias DeclaredProfile = Declaration<ProfileField>

/// Everything that the manifests of a project declare.
package struct Declarations: Sendable {
    package var accounts: [DeclaredAccount] = []
    package var profiles: [DeclaredProfile] = []
    /// Names in manifests that have a mistake which keeps them from being declared.
    package private(set) var lostNames: Set<String> = []
    /// Whether manifests were lost whose names nobody knows.
    package private(set) var hasNamelessLoss = false

    package init() {}

    /// Notes a manifest that could not be declared (nil: its name is not known either), so that references to it are
    /// not taken for mistakes of their own.
    package mutating func lose(_ name: String?) {
        if let name { lostNames.insert(name) } else { hasNamelessLoss = true }
    }
}
