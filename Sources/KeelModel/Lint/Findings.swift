import KeelBase
import KeelDiagnostics

/// What the rules found, without what annotations silence.
///
/// Most resources are in order and have no annotations, so nothing here is on their path.
struct Findings {
    private var found: [Diagnostic] = []
    /// Where in `found` a rule's finding about a place is, and how many resources share it.
    private var shared: [Use: (index: Int, count: Int)] = [:]
    /// Silences that had something to silence.
    private var used: Set<Use> = []
    /// Annotations that were judged: all accounts of a set have the same.
    private var judged: Set<SourceRange> = []

    private struct Use: Hashable {
        let place: SourceRange
        let rule: LintRule
    }

    /// Adds a finding about a field of a resource.
    mutating func add(
        _ rule: LintRule, _ spec: EffectiveSpec, _ field: some ResourceField, _ message: String,
        severity: Diagnostic.Severity? = nil, notes: [Diagnostic.Note] = [], help: String
    ) {
        add(
            rule, spec, at: spec.place(of: field.definition.name), message, severity: severity, notes: notes, help: help
        )
    }

    /// Adds a finding about a place of a resource, which is its name when there is none.
    mutating func add(
        _ rule: LintRule, _ spec: EffectiveSpec, at place: SourceRange? = nil, _ message: String,
        severity: Diagnostic.Severity? = nil, notes: [Diagnostic.Note] = [], help: String
    ) {
        let description = rule.description
        if !spec.annotations.isEmpty, description.canBeSilenced, let silence = spec.annotations[rule.silence] {
            used.insert(Use(place: silence.place, rule: rule))
            return
        }
        let place = place ?? spec.place
        let use = Use(place: place, rule: rule)
        // All accounts of a set take what its template says from the same place, and it is one mistake.
        if shared[use] != nil {
            shared[use]?.count += 1
            return
        }
        shared[use] = (found.count, 0)
        found.append(
            Diagnostic(
                severity ?? description.severity, rule.rawValue, message, at: place, notes: notes, help: help,
                address: spec.address))
    }

    /// All findings; one that several resources share says how many more there are.
    var diagnostics: [Diagnostic] {
        var diagnostics = found
        for (index, count) in shared.values where count > 0 {
            diagnostics[index].notes.append(
                Diagnostic.Note("it is the same for \(counted(count, "more resource")) that take the value from here"))
        }
        return diagnostics
    }

    // MARK: Silences

    /// Judges the annotations that silence rules. Every rule has to have been asked before.
    mutating func checkSilences(of spec: EffectiveSpec) {
        for (name, annotation) in spec.annotations where name.hasPrefix(LintRule.silencePrefix) {
            guard judged.insert(annotation.place).inserted else { continue }
            checkSilence(String(name.dropFirst(LintRule.silencePrefix.count)), annotation, spec)
        }
    }

    private mutating func checkSilence(_ name: String, _ annotation: Annotation, _ spec: EffectiveSpec) {
        guard let rule = LintRule(rawValue: name) else {
            let known = LintRule.allCases.map(\.rawValue)
            let meant = Suggestion.nearest(to: name, among: known) ?? known.first { $0 == "lint.\(name)" }
            return add(
                .allowUnknown, spec, at: annotation.place, "there is no rule \(quoted(name))",
                help: meant.map { "did you mean \"\(LintRule.silencePrefix)\($0)\"?" }
                    ?? "mailkeel explain lists the rules")
        }
        guard rule.description.canBeSilenced else {
            return add(
                .allowRefused, spec, at: annotation.place, "\(name) cannot be silenced",
                help: "remove the annotation; mailkeel explain \(name) says what mends the finding")
        }
        if !annotation.text.utf8.contains(where: { $0 > 0x20 }) {
            add(
                .allowWithoutReason, spec, at: annotation.place, "\(name) is silenced without a reason",
                help: "write why the finding does not matter here")
        }
        if !used.contains(Use(place: annotation.place, rule: rule)) {
            add(
                .allowUnused, spec, at: annotation.place, "\(name) finds nothing here, so there is nothing to silence",
                help: "remove the annotation")
        }
    }
}

extension LintRule {
    /// What the names of annotations that silence rules begin with.
    package static let silencePrefix = "allow/"

    /// The annotation that silences the rule.
    package var silence: String { Self.silencePrefix + rawValue }
}
