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
            for answer in [answer(text), answer(text, isPasted: true), answer(known), answer(known, isPasted: true)] {
                guard let answer else { continue }
                precondition(isClean(answer.description))
                do throws(OAuthFailure) {
                    let code = try flow.answer(to: answer)
                    precondition(!code.isEmpty && code.reveal().allSatisfy { $0 >= 0x20 && $0 <= 0x7E })
                } catch {
                    precondition(isClean(error.description))
                }
            }
            do throws(FlowRecordFault) { _ = try AuthorizationCodeFlow(record: text).record } catch {
                precondition(isClean(error.description))
            }
            if let words = String(validating: bytes, as: UTF8.self) { read(words) }
        }
    }

    private static func isClean(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { $0.value >= 0x20 } }

    private static func answer(_ text: Secret, isPasted: Bool = false) -> RedirectAnswer? {
        do throws(RedirectAnswer.Fault) {
            return try isPasted ? RedirectAnswer(pasted: text) : RedirectAnswer(query: text)
        } catch {
            precondition(isClean(error.description))
            return nil
        }
    }

    private static func uri(_ words: String) -> RedirectURI? {
        do throws(RedirectURI.Fault) { return try RedirectURI(parsing: words) } catch {
            precondition(isClean(error.description))
            return nil
        }
    }

    private static func read(_ words: String) {
        // A browser's `Host`, which a page elsewhere can choose.
        _ = RedirectURI.Listener(host: "127.0.0.1", port: 80, path: "/").takes(path: "/", host: words)
        guard let uri = uri(words) else { return }
        guard let again = try? RedirectURI(parsing: uri.description), again == uri else {
            fatalError("a redirect URI changes when it is read again")
        }
        guard let listener = uri.listener else {
            precondition(uri.description == words && uri.listening(on: 4711) == uri)
            return
        }
        FuzzDriver.plantCrash(when: listener.host == "::1" && listener.port != nil && listener.path != "/")
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
