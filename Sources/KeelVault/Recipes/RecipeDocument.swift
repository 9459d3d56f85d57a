import FoundationEssentials
import KeelBase

/// A recipe as canonical JSON: members in order, no blanks. A later version may add members; they are optional then.
struct RecipeDocument: Codable {
    var grantType: String
    var profile: String
    var subject: String
    var issuer: String?
    var tokenEndpoint: String
    var revocationEndpoint: String?
    var clientID: String
    var clientAuthentication: String
    var secretReference: String?
    var scopes: [String]
    var tokenParameters: [String: String]?
    var caFile: String?
    var marginSeconds: Int

    static func text(_ recipe: Recipe) throws(VaultFailure) -> String {
        let document = RecipeDocument(
            grantType: recipe.grantType.rawValue, profile: recipe.profile, subject: recipe.subject,
            issuer: recipe.issuer, tokenEndpoint: recipe.tokenEndpoint.description,
            revocationEndpoint: recipe.revocationEndpoint?.description, clientID: recipe.clientID,
            clientAuthentication: recipe.clientAuthentication.rawValue, secretReference: recipe.secretReference,
            scopes: Set(recipe.scopes).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) },
            tokenParameters: recipe.tokenParameters.isEmpty ? nil : recipe.tokenParameters, caFile: recipe.caFile,
            marginSeconds: recipe.marginSeconds)
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

    /// Nil if a member has a value that is unknown here.
    private var recipe: Recipe? {
        guard let grantType = GrantType(rawValue: grantType),
            let tokenEndpoint = try? EndpointURL(parsing: tokenEndpoint),
            let clientAuthentication = ClientAuthenticationMethod(rawValue: clientAuthentication)
        else { return nil }
        var revocation: EndpointURL?
        if let revocationEndpoint {
            guard let parsed = try? EndpointURL(parsing: revocationEndpoint) else { return nil }
            revocation = parsed
        }
        return Recipe(
            grantType: grantType, profile: profile, subject: subject, issuer: issuer, tokenEndpoint: tokenEndpoint,
            revocationEndpoint: revocation, clientID: clientID, clientAuthentication: clientAuthentication,
            secretReference: secretReference, scopes: scopes, tokenParameters: tokenParameters ?? [:], caFile: caFile,
            marginSeconds: marginSeconds)
    }
}
