// Lists all users with openapi-fetch and the generated types; it is only type-checked.
import createClient from "openapi-fetch";
import type { paths } from "./types";

export async function names(baseUrl: string): Promise<string[]> {
  const client = createClient<paths>({ baseUrl });
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const { data, error, response } = await client.GET("/v1/users", {
      params: { query: { limit: 100, cursor } },
    });
    if (error) throw new Error(`${response.status}: ${error.title ?? "no title"}`);
    found.push(...data.users.map((user) => user.name ?? user.userId));
    cursor = data.pagination?.next?.cursor ?? undefined;
  } while (cursor);
  return found;
}
