import KeelBase
import KeelModel

/// The differences between what is committed and what is wanted at one address.
struct FieldDiff {
    let changes: [FieldChange]
    /// What the changes mean, by the field table.
    let effects: Set<Effect>

    /// Compares effective values; a value that keeps its worth but not its origin is no difference.
    init(_ kind: ResourceKind, before: [String: EffectiveValue], after: [String: EffectiveValue]) {
        var changes: [FieldChange] = []
        var effects: Set<Effect> = []
        let names = Set(before.keys).union(after.keys).sorted(by: FieldOrder(kind).precedes)
        for name in names where before[name]?.value != after[name]?.value {
            let effect = FieldOrder.effect(kind, name)
            effects.insert(effect)
            changes.append(
                FieldChange(
                    name, before[name]?.value, after[name]?.value,
                    remark: Self.remark(effect, before[name]?.value, after[name])))
        }
        self.changes = changes
        self.effects = effects
    }

    /// All fields of a new resource, with where each value comes from.
    static func creation(_ kind: ResourceKind, _ effective: [String: EffectiveValue]) -> [FieldChange] {
        effective.keys.sorted(by: FieldOrder(kind).precedes).map { name in
            let value = effective[name]
            return FieldChange(name, nil, value?.value, remark: value.flatMap { origin($0.origin) })
        }
    }

    private static func remark(_ effect: Effect, _ before: FieldValue?, _ after: EffectiveValue?) -> String {
        var meaning = effect.rawValue
        if effect == .consent, case .set(let old)? = before, case .set(let new)? = after?.value {
            meaning = Set(new).isSubset(of: old) ? "narrowing" : "consent grows"
        }
        guard let source = after.flatMap({ origin($0.origin) }) else { return meaning }
        return "\(meaning); \(source)"
    }

    private static func origin(_ origin: EffectiveValue.Origin) -> String? {
        origin == .manifest ? nil : origin.text
    }
}

/// The order in which fields are shown: that of their table, then what is in no table.
struct FieldOrder {
    private let ranks: [String: Int]

    init(_ kind: ResourceKind) { ranks = FieldTable.of(kind)?.index ?? [:] }

    func precedes(_ left: String, _ right: String) -> Bool {
        let leftRank = ranks[left] ?? .max
        let rightRank = ranks[right] ?? .max
        return leftRank == rightRank ? left < right : leftRank < rightRank
    }

    /// What a change of the field means; labels are a matter of the record.
    static func effect(_ kind: ResourceKind, _ name: String) -> Effect {
        switch kind {
        case .authorization: name == "scopes" ? .consent : .identity
        case .oauthProfile, .emailAccount: FieldTable.of(kind)?.definition(name)?.effect ?? .record
        }
    }
}
