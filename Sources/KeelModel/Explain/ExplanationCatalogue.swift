import KeelBase
import KeelDiagnostics
import KeelProviders

/// Every code that can be explained.
package enum ExplanationCatalogue {
    /// Codes that are listed together.
    package struct Group: Sendable {
        /// `lint`, `diagnostic`, `microsoft`.
        package let name: String
        package let title: String
        package let entries: [Explanation]
    }

    /// In order of their codes.
    package static let all: [Explanation] =
        (LintRule.allCases.map { Explanation($0) } + Explanation.yaml + Explanation.layout + Explanation.manifest
        + Explanation.refactoring
        + Explanation.sets + Explanation.project + Explanation.plan + Explanation.authorize + Explanation.state
        + Explanation.vault + Explanation.run + Explanation.mail + Explanation.replies + Explanation.providers).sorted {
            $0.code < $1.code
        }

    /// Those of Mailkeel first, then the providers'.
    package static let groups: [Group] =
        [
            Group(name: "lint", title: "the rules of lint", entries: all.filter { $0.family == .rule }),
            Group(
                name: "diagnostic", title: "what Mailkeel says of manifests, plans, runs, connections and logins",
                entries: all.filter { $0.family == .diagnostic }),
        ]
        + MailProtocol.allCases.map { type in
            Group(
                name: type.rawValue, title: "replies of \(type.rawValue.uppercased()) servers",
                entries: all.filter { $0.family == .reply(type) })
        }
        + ErrorOrigin.allCases.map { origin in
            Group(
                name: origin.rawValue, title: "errors of \(origin.title)",
                entries: all.filter { $0.family == .provider && $0.speaker?.name == origin.rawValue })
        }

    private static let byCode = Dictionary(all.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })

    /// The entry of exactly this code.
    package static func explanation(of code: String) -> Explanation? { byCode[code] }

    /// What a person means by these words: a code, or what a provider says in its own way, such as `7000222`,
    /// `google invalid_grant` or `535 5.7.139`. Where several say it, any provider's meaning comes first.
    package static func explanations(meant text: String) -> [Explanation] {
        if let entry = byCode[text], entry.speaker == nil { return [entry] }
        let errors = ErrorCatalogue.entries(meant: text).map(\.name)
        let names = errors.isEmpty ? MailReplyCatalogue.entries(meant: text).map(\.name) : errors
        return names.compactMap { byCode[$0] }
    }

    /// The code that was probably meant: mistyped, in other case, or its last part alone.
    package static func nearest(to code: String) -> String? {
        if let number = ErrorCatalogue.number(code) { return nearest(toNumber: number) }
        let name = code.replacing(" ", with: ".")
        return Suggestion.nearest(to: name, among: all.lazy.map(\.code))
            ?? all.first { $0.code.hasSuffix(".\(name.lowercased())") }?.code
            ?? Suggestion.nearest(to: name, among: ErrorCatalogue.all.lazy.map(\.code))
    }

    /// Among digits alone: with the letters before them, numbers that have nothing in common would look alike.
    private static func nearest(toNumber number: Int) -> String? {
        let known = ErrorCatalogue.all.compactMap { entry in
            if case .number(let known) = entry.sign { "\(known)" } else { nil }
        }
        return Suggestion.nearest(to: "\(number)", among: known).map { "\(ProviderError.numberPrefix)\($0)" }
    }
}
