import FuzzDriver
import KeelBase
import KeelOAuth

/// Any bytes as the body of what endpoints answer about tokens, and as a token.
@main
struct Main {
    static func main() {
        FuzzDriver.main { bytes in
            let now = Timestamp(seconds: 1_700_000_000)
            let body = Secret(copying: bytes)
            for status in [200, 302, 400, 401, 429, 503] {
                let response = HTTPResponse(
                    status: status, headers: [(name: "Content-Type", value: "application/json")], body: body)
                do throws(OAuthFailure) {
                    let tokens = try TokenResponse.interpret(response, requestedScopes: ["mail"], at: now)
                    precondition(tokens.accessToken.reveal().allSatisfy { $0 >= 0x20 && $0 <= 0x7E })
                    precondition(tokens.expiresAt >= now)
                    FuzzDriver.plantCrash(when: tokens.refreshToken.map { $0.count > 1 } ?? false)
                } catch {
                    Self.look(at: error)
                }
                do throws(OAuthFailure) { _ = try Revocation.interpret(response, at: now) } catch { look(at: error) }
                do throws(OAuthFailure) {
                    let token = try Introspection.interpret(response, at: now)
                    precondition(token.isActive || token.identity == nil)
                    look(at: token.identity)
                } catch {
                    look(at: error)
                }
                do throws(OAuthFailure) { look(at: try Userinfo.interpret(response, at: now)) } catch {
                    look(at: error)
                }
                _ = ClientProbe.refreshVerdict(response, at: now) { _ in .fixClient }
                _ = ClientProbe.pushedVerdict(response, at: now)
            }
            look(at: TokenIdentity(accessToken: body))
            look(at: try? IDToken.read(body, issuer: nil, clientID: "app", nonce: nil, at: now))
            // The same as the claims of a token whose frame is good.
            let framed = Secret(copying: Array("e30.".utf8) + Base64.encode(bytes, .url) + Array(".e30".utf8))
            look(at: TokenIdentity(accessToken: framed))
            readID(framed, issuer: nil, nonce: nil, at: now)
            readID(framed, issuer: "https://login.example/{tenantid}/v2.0", nonce: Secret(copying: "n"), at: now)
        }
    }

    private static func readID(_ token: Secret, issuer: String?, nonce: Secret?, at now: Timestamp) {
        do throws(IDToken.Fault) {
            look(at: try IDToken.read(token, issuer: issuer, clientID: "app", nonce: nonce, at: now))
        } catch {
            precondition(isClean(error.description))
        }
    }

    /// Whatever a server sends, what is shown of it is one clean line.
    private static func look(at failure: OAuthFailure) {
        precondition(isClean(failure.description) && isClean(failure.json.text()))
        _ = failure.classified(grant: .jwtBearer) { $0 % 2 == 0 ? .fixTenant : nil }
    }

    private static func look(at identity: TokenIdentity?) {
        guard let identity else { return }
        let claims = [identity.subject, identity.email, identity.upn, identity.issuer, identity.name]
        precondition(claims.allSatisfy { $0.map(isClean) ?? true })
        if let name = identity.email { precondition(identity.match(subject: name) == .matched) }
        for wanted in ["somebody@else.example", "login"] { _ = identity.match(subject: wanted) }
        _ = (identity.name, identity.lastingSubject, identity.isAbout(identity))
    }

    private static func isClean(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { $0.value >= 0x20 } }
}
