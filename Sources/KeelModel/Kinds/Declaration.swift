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

/// A remark in a resource's metadata, and where its name stands.
package struct Annotation: Sendable, Equatable {
    package let text: String
    package let place: SourceRange

    package init(_ text: String, named place: SourceRange) {
        self.text = text
        self.place = place
    }
}

/// The values under `spec`, each with its place.
package struct Spec<Field: ResourceField>: Sendable {
    /// By the raw values of `Field`.
    private(set) var slots = FieldSlots<Located<FieldValue>>()
    /// Fields that were written in a way that was refused.
    private(set) var refused = FieldSet()
    /// Of what the values were made that are not just what is written; of nearly all values nothing.
    private(set) var traces = FieldSlots<ReferenceTrace>()

    package init() {}

    /// Makes room for as many values.
    init(capacity: Int) { slots.reserveCapacity(capacity) }

    package subscript(field: Field) -> FieldValue? { slots[field.rawValue]?.value }

    /// Where the field's value stands.
    package func place(_ field: Field) -> SourceRange? { slots[field.rawValue]?.range }

    package func text(_ field: Field) -> String? { if case .text(let text) = self[field] { text } else { nil } }

    mutating func set(_ index: Int, _ value: Located<FieldValue>) { slots.set(index, value) }

    mutating func set(_ index: Int, _ trace: ReferenceTrace) { traces.set(index, trace) }

    mutating func refuse(_ index: Int) { refused.insert(index) }

    /// Whether the field was written, even if its value was refused.
    func isWritten(_ index: Int) -> Bool { slots.fields.contains(index) || refused.contains(index) }
}

/// One resource as a manifest declares it.
package struct Declaration<Field: ResourceField>: Sendable {
    package let name: Located<String>
    package let labels: [String: String]
    package let annotations: [String: Annotation]
    package let spec: Spec<Field>
    /// The directory of the manifest, relative to the project; empty for the project's own.
    package let directory: String
    /// Where a set wrote it, if one did.
    var template: AccountTemplate?

    package var address: ResourceAddress { ResourceAddress(Field.kind, name.value) }

    /// The place to show when a mistake concerns the field: its value, else the resource's name.
    package func place(_ field: Field) -> SourceRange { place(field.rawValue) }

    /// The same for a field by its place in the table.
    func place(_ index: Int) -> SourceRange { spec.slots[index]?.range ?? spec.traces[index]?.emptyCell ?? place }

    /// The place to show when a mistake concerns the resource: the template that is common to all that were made of it, else
    /// the resource's name.
    package var place: SourceRange { template?.place ?? name.range }
}

package typealias DeclaredAccount = Declaration<AccountField>
package typealias DeclaredProfile = Declaration<ProfileField>

/// A `Moved` document.
package struct DeclaredMove: Sendable {
    package let from: Located<ResourceAddress>
    package let to: Located<ResourceAddress>
}

/// A `Removed` document.
package struct DeclaredRemoval: Sendable {
    package let address: Located<ResourceAddress>
}

/// Everything that the manifests of a project declare.
package struct Declarations: Sendable {
    package var accounts: [DeclaredAccount] = []
    package var profiles: [DeclaredProfile] = []
    package var moves: [DeclaredMove] = []
    package var removals: [DeclaredRemoval] = []
    /// Names in manifests that have a mistake which keeps them from being declared.
    private(set) var lostNames: Set<String> = []
    /// Names of sets whose accounts are not all known.
    private(set) var lostSets: Set<String> = []
    /// Whether manifests were lost whose names nobody knows.
    private(set) var hasNamelessLoss = false
    /// Whether a `Moved` document was refused, so that not all chains are known.
    private(set) var hasRefusedMove = false

    package init() {}

    /// Notes a manifest that could not be declared (nil: its name is not known either), so that references to it are
    /// not taken for mistakes of their own.
    package mutating func lose(_ name: String?) {
        if let name { lostNames.insert(name) } else { hasNamelessLoss = true }
    }

    /// Notes a set of which accounts are missing because of a mistake (nil: its name is not known either).
    mutating func loseSet(_ name: String?) {
        if let name { lostSets.insert(name) } else { hasNamelessLoss = true }
    }

    /// Whether an account of that name may have been lost with its set.
    func mayBeLostInSet(_ name: String) -> Bool {
        !lostSets.isEmpty
            && name.utf8.indices.contains { index in
                name.utf8[index] == UInt8(ascii: ".") && lostSets.contains(String(name[..<index]))
            }
    }

    /// Notes a `Moved` document with a mistake.
    mutating func refuseMove() { hasRefusedMove = true }
}
