import KeelBase
import KeelDiagnostics
import KeelPlan
import KeelState
import Testing

struct PlanJSONTests {
    private static func json(_ plan: Plan) throws -> JSON {
        let written = plan.json { range in .string(range.start.description) }
        let read = try JSON(parsing: written.bytes())
        #expect(read == written)
        return read
    }

    @Test func `a plan is a format with changes, steps, notes and a summary`() throws {
        let plan = World().plan(Manifest.all)
        let json = try Self.json(plan)
        #expect(json.members?.map(\.name) == ["format", "type", "changes", "intent", "steps", "notes", "summary"])
        #expect(json["format"] == 1 && json["type"] == "plan")
        #expect(
            json["summary"]?.text()
                == #"{"add":4,"change":0,"destroy":0,"move":0,"forget":0,"authorizations":1,"tests":2}"#)
        let ids = json["steps"]?.array?.compactMap { $0["id"]?.string }
        #expect(ids == plan.stepNames)
        for (step, written) in zip(plan.steps, json["steps"]?.array ?? []) {
            #expect(written["after"]?.array?.compactMap(\.string) == step.after.map(\.description))
            #expect(written["kind"]?.string == step.id.kind.rawValue)
        }
        let actions = json["changes"]?.array?.compactMap { $0["action"]?.string }
        #expect(actions == ["create", "create", "create", "create"])
        #expect(json["changes"]?.array?.first?["place"] == "3:19")
    }

    @Test func `a change has its fields before and after`() throws {
        var world = World()
        world.apply(Manifest.all)
        let json = try Self.json(world.plan(Manifest.all.replacing("fromEnv: SECRET", with: "fromFile: s.txt")))
        let change = try #require(json["changes"]?.array?.first)
        let found = try #require(world.committed("OAuthProfile/idp")?.digest)
        let wanted = try #require(change["wanted"]?.string)
        #expect(found != wanted)
        #expect(
            change.text()
                == #"{"address":"OAuthProfile/idp","action":"update","place":"3:19","reasons":[],"found":{"record":"\#(found)"},"wanted":"\#(wanted)","fields":[{"field":"client.secret","before":{"secret":{"fromEnv":"SECRET","version":"1"}},"after":{"secret":{"fromFile":"s.txt","version":"1"}},"remark":"credential"}]}"#
        )
    }

    @Test func `a removal says that it forgets`() throws {
        var world = World()
        world.apply(Manifest.all)
        let json = try Self.json(world.plan(""))
        for step in json["steps"]?.array ?? [] { #expect(step["input"]?.text() == #"{"forget":true}"#) }
    }

    /// The sources of secrets are in it, and what they give is not: planning never reads one.
    @Test func `of a secret there is its source and nothing else`() throws {
        let json = try Self.json(World().plan(Manifest.all))
        var found: [JSON] = []
        func search(_ value: JSON) {
            switch value {
            case .object(let members):
                for member in members {
                    if ["secret", "client.secret"].contains(member.name) { found.append(member.value) }
                    search(member.value)
                }
            case .array(let elements): for element in elements { search(element) }
            default: break
            }
        }
        search(json)
        #expect(!found.isEmpty)
        for value in found { #expect(SecretSource(json: value) == SecretSource(.environment("SECRET"), version: "1")) }
    }
}
