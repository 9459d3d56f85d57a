import KeelBase
import KeelDiagnostics
import KeelProviders

/// What a code means, for people: one entry of the catalogue behind `mailkeel explain`.
package struct Explanation: Sendable {
    /// What speaks in the code.
    package enum Family: String, Sendable, CaseIterable {
        /// A rule of lint.
        case rule
        /// A diagnostic of Mailkeel about manifests, projects and plans.
        case diagnostic
        /// An error that a provider answers with, or that Mailkeel finds in its answer.
        case provider
        /// A reply of SMTP servers.
        case smtp
        /// A reply of IMAP servers.
        case imap
        /// A reply of POP3 servers.
        case pop3

        static func reply(_ type: MailProtocol) -> Family {
            switch type {
            case .smtp: .smtp
            case .imap: .imap
            case .pop3: .pop3
            }
        }
    }

    /// Lines that are wrong, and the same lines mended; either may be empty.
    package struct Example: Sendable, Equatable {
        package let before: String
        package let after: String
    }

    package let code: String
    package let family: Family
    /// One line, without a full stop.
    package let title: String
    package let meaning: String
    package let fix: String
    package let example: Example?
    /// How bad a finding of the rule usually is; nil for what is no rule.
    package let severity: Diagnostic.Severity?
    /// The annotation that silences the rule; nil where there is none.
    package let silence: String?
    /// Who says it and whose move it is; nil for what no provider says.
    package let speaker: Speaker?

    /// A diagnostic.
    init(_ code: String, _ title: String, _ meaning: String, fix: String, before: String? = nil, after: String? = nil) {
        self.code = code
        family = .diagnostic
        self.title = title
        self.meaning = meaning
        self.fix = fix
        example = before.map { Example(before: $0, after: after ?? "") }
        severity = nil
        silence = nil
        speaker = nil
    }

    /// An entry without example.
    init(_ code: String, _ family: Family, _ title: String, meaning: String, fix: String, speaker: Speaker) {
        self.code = code
        self.family = family
        self.title = title
        self.meaning = meaning
        self.fix = fix
        example = nil
        severity = nil
        silence = nil
        self.speaker = speaker
    }

    /// A rule of lint.
    init(_ rule: LintRule) {
        let description = rule.description
        code = rule.rawValue
        family = .rule
        title = description.title
        meaning = description.explanation
        fix = description.fix
        example = Example(before: description.before, after: description.after)
        severity = description.severity
        silence = description.canBeSilenced ? rule.silence : nil
        speaker = nil
    }
}

extension Explanation {
    package var json: JSON {
        .present(
            ("type", "explanation"), ("code", .string(code)), ("family", .string(family.rawValue)),
            ("provider", speaker.map { .string($0.name) }),
            ("severity", severity.map { .string($0.rawValue) }), ("title", .string(title)),
            ("meaning", .string(meaning)), ("fix", .string(fix)),
            ("before", example.map { .string($0.before) }), ("after", example.map { .string($0.after) }),
            ("silencedBy", silence.map(JSON.string)),
            ("responsible", speaker.map { .string($0.responsible.rawValue) }),
            ("class", speaker.map { .string($0.failureClass.rawValue) }), ("link", speaker?.link.map(JSON.string)))
    }
}

extension ExplanationCatalogue.Group {
    package var json: JSON {
        .object([
            .init("type", "explanationFamily"), .init("name", .string(name)), .init("title", .string(title)),
            .init("codes", .integer(entries.count)),
        ])
    }
}
