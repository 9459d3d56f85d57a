import KeelBase
import KeelModel

/// The differences between what is committed and what is wanted at one address.
struct FieldDiff {
    private(set) var changes: [FieldChange] = []
    /// What the changes mean.
    private(set) var effects: Set<Effect> = []
    /// Presets whose values have changed since they were committed.
    private(set) var movedPresets: [Reason] = []

    /// Compares effective values; a value that keeps its worth but not its origin is no difference.
    init(
        _ kind: ResourceKind, before: [String: EffectiveValue], after: [String: EffectiveValue],
        effect: (String) -> Effect
    ) {
        var moved: [String: [String]] = [:]
        let names = Set(before.keys).union(after.keys).filter { before[$0]?.value != after[$0]?.value }
        for name in names.sorted(by: FieldOrder(kind).precedes) {
            let (old, new) = (before[name], after[name])
            let effect = effect(name)
            effects.insert(effect)
            changes.append(FieldChange(name, old?.value, new?.value, remark: Self.remark(effect, old?.value, new)))
            if case .preset(let preset, let from)? = old?.origin, case .preset(preset, let to)? = new?.origin,
                from != to
            {
                moved["preset \(preset) moved from version \(from) to \(to)", default: []].append(name)
            }
        }
        movedPresets = moved.sorted { $0.key < $1.key }.map { sentence, fields in
            Reason(.presetMoved, "\(sentence): \(fields.joined(separator: ", "))")
        }
    }

    /// All fields of a new resource, with where each value comes from.
    static func creation(_ kind: ResourceKind, _ effective: [String: EffectiveValue]) -> [FieldChange] {
        effective.keys.sorted(by: FieldOrder(kind).precedes).map { name in
            let value = effective[name]
            return FieldChange(name, nil, value?.value, remark: value.flatMap { origin($0.origin) })
        }
    }

    /// All fields of a new declared resource.
    static func creation(_ spec: EffectiveSpec) -> [FieldChange] {
        var changes: [FieldChange] = []
        changes.reserveCapacity(24)
        spec.visitInTableOrder { name, value in
            changes.append(FieldChange(name, nil, value.value, remark: origin(value.origin)))
        }
        return changes
    }

    /// All fields of a resource that goes.
    static func removal(_ kind: ResourceKind, _ effective: [String: EffectiveValue]) -> [FieldChange] {
        effective.keys.sorted(by: FieldOrder(kind).precedes).map { FieldChange($0, effective[$0]?.value, nil) }
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

extension FieldValue {
    /// The entries of a set; empty for anything else.
    var texts: Set<String> { if case .set(let texts) = self { Set(texts) } else { [] } }
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
}
