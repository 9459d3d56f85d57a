import KeelDiagnostics

/// Every code that can be explained.
package enum ExplanationCatalogue {
    /// In order of their codes.
    package static let all: [Explanation] =
        (LintRule.allCases.map { Explanation($0) } + Explanation.yaml + Explanation.layout + Explanation.manifest
        + Explanation.refactoring
        + Explanation.sets + Explanation.project + Explanation.plan).sorted { $0.code < $1.code }

    private static let byCode = Dictionary(all.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })

    /// The entry of exactly this code.
    package static func explanation(of code: String) -> Explanation? { byCode[code] }

    /// The code that was probably meant: mistyped, in other case, or its last part alone.
    package static func nearest(to code: String) -> String? {
        Suggestion.nearest(to: code, among: all.lazy.map(\.code))
            ?? all.first { $0.code.hasSuffix(".\(code.lowercased())") }?.code
    }
}
