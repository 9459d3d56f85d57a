import FuzzDriver
import KeelBase
import KeelOAuth

/// Any bytes as what a browser brings back, what a person pastes, a redirect URI, and a flow that was kept.
@main
struct Main {
    static func main() {
        FuzzDriver.main { bytes in
            guard let flow = flow() else { return }
            let text = Secret(copying: bytes)
            // The same behind the state that is awaited, so that the rest is looked at.
            let known = Secret(copying: Array("state=AgICAgICAgICAgICAgICAg&".utf8) + bytes)
            for answer in [
                try? RedirectAnswer(query: text), try? RedirectAnswer(pasted: text), try? RedirectAnswer(query: known),
                try? RedirectAnswer(pasted: known),
            ] {
                guard let answer else { continue }
                precondition(answer.description.unicodeScalars.allSatisfy { $0.value >= 0x20 })
                do throws(OAuthFailure) {
                    let code = try flow.answer(to: answer)
                    precondition(!code.isEmpty && code.reveal().allSatisfy { $0 >= 0x20 && $0 <= 0x7E })
                } catch {
                    precondition(error.description.unicodeScalars.allSatisfy { $0.value >= 0x20 })
                }
            }
            if let kept = try? AuthorizationCodeFlow(record: text) { _ = kept.record }
            if let words = String(validating: bytes, as: UTF8.self) { read(words) }
        }
    }

    private static func read(_ words: String) {
        guard let uri = try? RedirectURI(parsing: words) else { return }
        guard let again = try? RedirectURI(parsing: uri.description), again == uri else {
            fatalError("a redirect URI changes when it is read again")
        }
        guard let listener = uri.listener else {
            precondition(uri.description == words && uri.listening(on: 4711) == uri)
            return
        }
        let bound = uri.listening(on: 4711)
        guard let back = try? RedirectURI(parsing: bound.description), back == bound else {
            fatalError("a redirect URI with a port is another one")
        }
        precondition(bound.listener?.port == 4711 && bound.listener?.path == listener.path)
    }

    private static func flow() -> AuthorizationCodeFlow? {
        guard let endpoint = try? EndpointURL(parsing: "https://idp.example/authorize") else { return nil }
        var call = 0
        return AuthorizationCodeFlow(
            AuthorizationRequest(
                endpoint: endpoint, clientID: "app", redirectURI: .standard.listening(on: 8400), scopes: ["openid"],
                issuer: "https://idp.example")
        ) { count in
            call += 1
            return Secret(copying: [UInt8](repeating: UInt8(call), count: count))
        }
    }
}
