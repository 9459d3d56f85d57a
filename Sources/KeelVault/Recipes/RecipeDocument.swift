import FoundationEssentials
import KeelBase

/// A recipe as canonical JSON: members in order, no blanks. A later version may add members; they are optional then.
struct RecipeDocument: Codable {
    var grantType: String
    var profile: String
    var subject: String
    var issuer: String?
    var tokenEndpoint: String
    /// By their names in `ProviderEndpoints`.
    var endpoints: [String: String]?
    var clientID: String
    var clientAuthentication: String
    /// By field, each a `SecretSource` as JSON text.
    var credentials: [String: String]?
    var scopes: [String]
    var tokenParameters: [String: String]?
    var caFile: String?
    var marginSeconds: Int
    var refreshTokenLifetime: Int64?
    var revocationReach: String?

    static func text(_ recipe: Recipe) throws(VaultFailure) -> String {
        let document = RecipeDocument(
            grantType: recipe.grantType.rawValue, profile: recipe.profile, subject: recipe.subject,
            issuer: recipe.issuer, tokenEndpoint: recipe.tokenEndpoint.description,
            endpoints: texts(recipe.endpoints.named.map { ($0.name, $0.url.description) }), clientID: recipe.clientID,
            clientAuthentication: recipe.clientAuthentication.rawValue,
            credentials: texts(recipe.credentials.map { ($0.key.rawValue, $0.value.json.text()) }),
            scopes: Set(recipe.scopes).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) },
            tokenParameters: recipe.tokenParameters.isEmpty ? nil : recipe.tokenParameters, caFile: recipe.caFile,
            marginSeconds: recipe.marginSeconds, refreshTokenLifetime: recipe.refreshTokenLifetime,
            revocationReach: recipe.revocationReach.rawValue)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(document) else {
            throw VaultFailure(.io, "the recipe cannot be written as JSON")
        }
        return String(decoding: data, as: UTF8.self)
    }

    static func recipe(_ text: String) throws(VaultFailure) -> Recipe {
        guard let document = try? JSONDecoder().decode(RecipeDocument.self, from: Data(text.utf8)),
            let recipe = document.recipe
        else { throw VaultFailure(.corrupt, "a recipe is not of a form known here") }
        return recipe
    }

    private static func texts(_ pairs: [(String, String)]) -> [String: String]? {
        pairs.isEmpty ? nil : Dictionary(pairs) { first, _ in first }
    }

    /// Nil if a member has a value that is unknown here.
    private var recipe: Recipe? {
        guard let grantType = GrantType(rawValue: grantType),
            let tokenEndpoint = try? EndpointURL(parsing: tokenEndpoint),
            let clientAuthentication = ClientAuthenticationMethod(rawValue: clientAuthentication)
        else { return nil }
        var others: [String: EndpointURL] = [:]
        for (name, text) in endpoints ?? [:] {
            guard let url = try? EndpointURL(parsing: text) else { return nil }
            others[name] = url
        }
        var sources: [CredentialField: SecretSource] = [:]
        for (name, text) in credentials ?? [:] {
            guard let field = CredentialField(rawValue: name), let json = try? JSON(parsing: Array(text.utf8)),
                let source = SecretSource(json: json)
            else { return nil }
            sources[field] = source
        }
        guard let reach = revocationReach.map(RevocationReach.init(rawValue:)) ?? .some(.unknown) else { return nil }
        return Recipe(
            grantType: grantType, profile: profile, subject: subject, issuer: issuer, tokenEndpoint: tokenEndpoint,
            endpoints: ProviderEndpoints(named: others), clientID: clientID, clientAuthentication: clientAuthentication,
            credentials: sources, scopes: scopes, tokenParameters: tokenParameters ?? [:], caFile: caFile,
            marginSeconds: marginSeconds, refreshTokenLifetime: refreshTokenLifetime, revocationReach: reach)
    }
}
