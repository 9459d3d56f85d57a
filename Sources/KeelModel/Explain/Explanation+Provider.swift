import KeelBase
import KeelProviders

extension Explanation {
    /// What only an error of a provider or a reply of a mail server has.
    package struct Speaker: Sendable {
        /// `microsoft`, `smtp`.
        package let name: String
        /// The name for people.
        package let title: String
        package let responsible: Responsible
        package let failureClass: FailureClass
        /// The provider's page about it.
        package let link: String?
    }

    /// An error of a provider.
    init(_ error: ProviderError) {
        self.init(
            error.name, .provider, error.cause.sentenceStart,
            meaning: [error.more, error.failureClass.consequence].compactMap { $0 }.joined(separator: " "),
            fix: "\(error.fix.sentenceStart).",
            speaker: Speaker(
                name: error.origin.rawValue, title: error.origin.title, responsible: error.responsible,
                failureClass: error.failureClass,
                link: error.link))
    }

    /// All errors of providers.
    static let providers = ErrorCatalogue.all.map { Explanation($0) }
}

extension FailureClass {
    /// What it means for the grant and for the next run.
    fileprivate var consequence: String {
        switch self {
        case .transient: "It is likely to pass; the grant is kept, and the next run tries again."
        case .throttled: "The grant is kept; the next run waits as long as the provider asks."
        case .reauthorize:
            "Only a person's consent or sign-in helps. The old grant is kept until a new one has worked."
        case .fixClient: "The application's registration has to be mended. The grant is not to blame, and is kept."
        case .fixTenant: "The tenant has to be mended. The grant is not to blame, and is kept."
        case .fixManifest: "The manifest has to be mended. The grant is not to blame, and is kept."
        case .network: "The provider was not reached; the grant is kept, and the next run tries again."
        case .tls: "The connection was not trusted, and nothing was sent over it."
        case .ambiguous: "It has more than one possible cause; nothing is concluded from it, and the grant is kept."
        }
    }
}

extension String {
    /// The same with a capital letter first.
    var sentenceStart: String { prefix(1).uppercased() + dropFirst() }
}
