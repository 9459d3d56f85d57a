import FuzzDriver
import KeelBase
import KeelOAuth

/// Any bytes as the body of a token response, and of an issuer's metadata.
@main
struct Main {
    static func main() {
        FuzzDriver.main { bytes in
            let now = Timestamp(seconds: 1_700_000_000)
            let body = Secret(copying: bytes)
            for status in [200, 400] {
                let response = HTTPResponse(status: status, headers: [("Content-Type", "application/json")], body: body)
                do throws(OAuthFailure) {
                    _ = try TokenResponse.interpret(response, requestedScopes: ["mail"], at: now)
                } catch {
                    _ = error.description
                }
                if var discovery = try? MetadataDiscovery(issuer: "https://issuer.example/path") {
                    _ = discovery.start()
                    _ = discovery.receive(response, at: now)
                }
            }
        }
    }
}
