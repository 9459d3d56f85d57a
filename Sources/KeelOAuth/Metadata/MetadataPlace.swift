import KeelBase

/// A place where metadata may be, and what it answered.
package struct MetadataPlace: Sendable, Hashable, CustomStringConvertible {
    package enum Outcome: Sendable, Hashable {
        /// A status other than 200.
        case status(Int)
        /// 200 with something that is no JSON object.
        case notMetadata(OAuthFailure.Malformation)
        /// The document names no issuer.
        case issuerMissing
        /// The document is another issuer's.
        case issuerMismatch(ForeignText)
        /// The document names no token endpoint.
        case tokenEndpointMissing
        /// The token endpoint is no URL that may be used.
        case tokenEndpointUnusable(EndpointURL.Fault)
    }

    package let url: EndpointURL
    package let outcome: Outcome

    package var description: String { "\(url) \(outcome.phrase)" }
}

extension MetadataPlace.Outcome {
    init(_ fault: AuthorizationServerMetadata.Fault) {
        switch fault {
        case .issuerMissing: self = .issuerMissing
        case .issuerMismatch(let found): self = .issuerMismatch(found)
        case .tokenEndpointMissing: self = .tokenEndpointMissing
        case .tokenEndpointUnusable(let fault): self = .tokenEndpointUnusable(fault)
        }
    }

    /// What follows the address in a sentence.
    var phrase: String {
        switch self {
        case .status(let status): "answered HTTP \(status)"
        case .notMetadata(let malformation): "is no metadata: \(malformation.rawValue)"
        case .issuerMissing: "names no issuer"
        case .issuerMismatch(let found): "names the issuer \(found)"
        case .tokenEndpointMissing: "names no token endpoint"
        case .tokenEndpointUnusable(let fault): "names a token endpoint that \(fault)"
        }
    }
}
