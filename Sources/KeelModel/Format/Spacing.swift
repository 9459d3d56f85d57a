import KeelYAML

/// What stands between two tokens of one line: a blank, or nothing.
enum Spacing {
    /// `isLoneDash`: the first is a plain `-`.
    static func needsBlank(between first: YAMLToken.Kind?, isLoneDash: Bool, and second: YAMLToken.Kind) -> Bool {
        guard let first else { return false }
        switch second {
        case .flowEntry, .flowSequenceEnd: return isOpenEnded(first)
        // `*name:` would be another alias.
        case .value: return isOpenEnded(first) || first == .alias
        case .flowMappingEnd: return first != .flowMappingStart && !isLoneDash
        default: return first != .flowSequenceStart
        }
    }

    /// Whether what follows at once would be taken for a part of it: `a:,` is no key without a value.
    private static func isOpenEnded(_ kind: YAMLToken.Kind) -> Bool {
        switch kind {
        case .value, .key, .tag, .anchor: true
        default: false
        }
    }
}
