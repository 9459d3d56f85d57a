import FuzzDriver
import KeelBase
import KeelOAuth

/// Any bytes as an issuer's metadata, at the first place and at the second; and as an issuer.
@main
struct Main {
    static func main() {
        FuzzDriver.main { bytes in
            let now = Timestamp(seconds: 1_700_000_000)
            let response = HTTPResponse(status: 200, body: Secret(copying: bytes))
            for (issuer, isFirst) in [("https://issuer.example/path", true), ("http://127.0.0.1:8080", false)] {
                guard var discovery = try? MetadataDiscovery(issuer: issuer) else { continue }
                if !isFirst { _ = discovery.receive(HTTPResponse(status: 404), at: now) }
                guard case .finished(let result) = discovery.receive(response, at: now) else { continue }
                look(at: result, issuer)
            }
            if let issuer = String(validating: bytes, as: UTF8.self),
                let discovery = try? MetadataDiscovery(issuer: issuer)
            {
                precondition(Set(discovery.candidates.map(\.origin)).count == 1)
            }
        }
    }

    private static func look(at result: Result<AuthorizationServerMetadata, OAuthFailure>, _ issuer: String) {
        switch result {
        case .success(let metadata):
            precondition(metadata.issuer.utf8.elementsEqual(issuer.utf8))
            let names = metadata.endpoints.named
            precondition(issuer.hasPrefix("http:") || names.allSatisfy { $0.url.scheme == .https })
            precondition(Set(metadata.offSite).isSubset(of: names.map(\.name)))
            let method = metadata.authenticationMethod(hasSecret: true)
            FuzzDriver.plantCrash(when: method == nil && !metadata.offSite.isEmpty)
        case .failure(let failure):
            precondition(failure.description.unicodeScalars.allSatisfy { $0.value >= 0x20 })
        }
    }
}
