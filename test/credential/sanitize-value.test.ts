import { expect, test } from "vitest";
import { sanitizeValue } from "../../src/credential/sanitize-value.ts";
import { sign } from "./credential-fixtures.ts";

const JWT = await sign({ aud: "orders" });
const UUID = "6f1e2c1e-8c55-4d3b-9b53-2f9e3a9f7a11";

test.each([
  ["plain words", "plain words"],
  [`token ${JWT} seen`, "token [credential removed] seen"],
  [`cut ${JWT.slice(0, 40)}`, "cut [credential removed]"],
  ["a.eyJhbGciOiJkaXIifQ..aXYtaXYtaXY.Y2lwaGVy.dGFn", "a.[credential removed]"],
  ["Authorization: Basic d2ViOmh1bnRlcjI=", "Authorization: Basic [credential removed]"],
  ["Bearer abc.def-ghi", "Bearer [credential removed]"],
  ["key AKIAIOSFODNN7EXAMPLE", "key [credential removed]"],
  ["key ASIAIOSFODNN7EXAMPLE", "key [credential removed]"],
  ["ghp_0123456789abcdefghij", "[credential removed]"],
  ["gho_0123456789abcdefghij", "[credential removed]"],
  ["glpat-0123456789abcdefghij", "[credential removed]"],
  ["xoxb-0123456789-abc", "[credential removed]"],
  ["sk_live_0123456789abcdef", "[credential removed]"],
  ["AIzaSyA0123456789abcdefghijklmnopqrstu", "[credential removed]"],
  ["ya29.a0AfH6SMB-x", "[credential removed]"],
  ["hvs.CAESIJabcdef", "[credential removed]"],
  ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- rest", "[credential removed] rest"],
  ["-----BEGIN PRIVATE KEY-----\nMIIE", "[credential removed]"],
  ["see https://user:pass@host/x", "see https://host/x"],
  [`${JWT.replaceAll(".", "%252E")} seen`, "[credential removed] seen"],
  [`${JWT.replaceAll(".", "\\u002e")} seen`, "[credential removed] seen"],
  [`in base64 ${btoa(JWT)} seen`, "in base64 [credential removed] seen"],
  [`${Buffer.from(JWT).toString("hex").replaceAll(/../gu, "%$&")} seen`, "[credential removed] seen"],
  ["glpat-01234567", "[credential removed]"],
  ["hvs%2ECAESIJabcdef", "[credential removed]"],
  ["-----BEGIN%20PRIVATE%20KEY-----%0AMIIE%0A-----END%20PRIVATE%20KEY-----", "[credential removed]"],
  ["Authorization: Token abc", "Authorization: Token [credential removed]"],
  ["Cookie: sid=abc; theme=dark", "Cookie: [credential removed]"],
  ["ApiKey 0123abcd", "ApiKey [credential removed]"],
  ['{"access_token": "abc", "n": 1}', '{"access_token": "[credential removed]", "n": 1}'],
  ['{\\"clientSecret\\":\\"abc\\"}', '{\\"clientSecret\\":\\"[credential removed]\\"}'],
  ["auth_token=abc", "auth_token=[credential removed]"],
  ["client_secret = abc", "client_secret = [credential removed]"],
  ["token%3Dabc", "token%3D[credential removed]"],
  ["x-api-key: abc", "x-api-key: [credential removed]"],
  ["postgres://user:p@ss@host/db", "postgres://host/db"],
  ["user:pass@host", "host"],
  ["rpc:orders.v1.Token/Refresh", "rpc:orders.v1.Token/Refresh"],
  ["POST /oauth2/token", "POST /oauth2/token"],
  ["token-refresh: nightly", "token-refresh: nightly"],
  ["failed: access_token=abc&x=1", "failed: access_token=[credential removed]&x=1"],
  ["a\u0000b\nc\u001b[31m", "a\\u{0}b\\u{a}c\\u{1b}[31m"],
  ["user\u202egnp.exe\u2066", "user\\u{202e}gnp.exe\\u{2066}"],
  ["lone \ud800", "lone \\u{d800}"],
  ["x".repeat(300), "x".repeat(256)],
])("text: %j", (value, expected) => {
  expect(sanitizeValue("text", value)).toBe(expected);
});

test.each([
  ["Orders.Example.COM.", "orders.example.com"],
  ["orders:8080", "orders"],
  ["user:pass@orders:8080", "orders"],
  ["[2001:DB8::1]:443", "2001:db8::1"],
  ["[::1]", "::1"],
  ["2001:db8::1", "2001:db8::1"],
  ["10.0.0.1", "10.0.0.1"],
  ["https://orders.example/x?y", "orders.example"],
  ["kafka-1:9092,kafka-2:9092", "kafka-1"],
  [JWT, ""],
  ["", ""],
])("host: %j", (value, expected) => {
  expect(sanitizeValue("host", value)).toBe(expected);
});

test.each([
  ["/", "/"],
  ["", ""],
  ["*", "*"],
  ["/v1/carts", "/v1/carts"],
  ["/v1/carts/", "/v1/carts/"],
  ["/v1/carts/42", "/v1/carts/{id}"],
  ["/v1/carts/42?token=x#y", "/v1/carts/{id}"],
  [`/users/${UUID}/orders`, "/users/{id}/orders"],
  ["/users/deadbeef1", "/users/{id}"],
  ["/users/facade", "/users/facade"],
  ["/users/alice@example.org", "/users/{id}"],
  ["/users/alice%40example.org", "/users/{id}"],
  ["/users/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/users/{id}"],
  ["/orders/order-12345", "/orders/{id}"],
  ["/x/Xk9fLm2Qz7", "/x/{id}"],
  ["/reports/2026-01-31", "/reports/{id}"],
  [`/t/${JWT}`, "/t/{id}"],
  ["/k/AKIAIOSFODNN7EXAMPL", "/k/{id}"],
  ["/s/%D1%8F%D1%8F%D1%8F%D1%8F%D1%8F", "/s/{id}"],
  ["/s/a-segment-of-21-letters", "/s/{id}"],
  ["/s/caf%C3%A9", "/s/caf%C3%A9"],
  ["/bad/%zz", "/bad/%zz"],
  ["/oauth2/token", "/oauth2/token"],
  ["/v1beta1/models", "/v1beta1/models"],
  ["/.well-known/jwks.json", "/.well-known/jwks.json"],
  ["/a/../b/./c", "/a/../b/./c"],
  ["/cart;jsessionid=AB12/x", "/cart/x"],
  ["/carts/{cartId}/items/:item/<int:n>", "/carts/{id}/items/{id}/{id}"],
  ["/carts/{id}", "/carts/{id}"],
  ["v1/carts/42", "v1/carts/{id}"],
  ["/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p"],
  ["/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/**"],
])("path: %j", (value, expected) => {
  expect(sanitizeValue("path", value)).toBe(expected);
});

test.each([
  ["https://Orders.Example:443/v1/carts/42?access_token=x#f", "https://orders.example/v1/carts/{id}"],
  ["http://orders:80", "http://orders/"],
  ["http://orders:8080/", "http://orders:8080/"],
  ["https://user:pass@orders/x", "https://orders/x"],
  ["http://[::1]:8080/x", "http://[::1]:8080/x"],
  ["amqp://u:p@mq:5672/vhost", "amqp://mq:5672/vhost"],
  ["/v1/carts/42?x=1", "/v1/carts/{id}"],
  ["https://orders?token=x", "https://orders/"],
  [`https://orders/cb/${JWT}`, "https://orders/cb/{id}"],
  [`https://${JWT}/x`, ""],
  ["https://a:b:c/x", ""],
  ["not a url", ""],
  ["http://", ""],
  ["", ""],
])("url: %j", (value, expected) => {
  expect(sanitizeValue("url", value)).toBe(expected);
});

test.each([
  ["SELECT * FROM orders WHERE id = 'x'", "SELECT orders"],
  ["select o.id from public.orders o", "SELECT public.orders"],
  ['SELECT 1 FROM "shop"."order items"', "SELECT shop.order items"],
  ["SELECT * FROM `shop`.`orders`", "SELECT shop.orders"],
  ["SELECT * FROM [dbo].[Orders]", "SELECT dbo.Orders"],
  ["SELECT 'x FROM secrets' FROM orders", "SELECT orders"],
  ["SELECT EXTRACT(YEAR FROM placed) FROM orders", "SELECT orders"],
  ["SELECT * FROM (SELECT id FROM orders) AS o", "SELECT orders"],
  ["(SELECT id FROM orders) UNION (SELECT id FROM carts)", "SELECT orders"],
  ["WITH o AS (SELECT * FROM orders) SELECT * FROM o", "SELECT orders"],
  ["WITH o AS (SELECT 1) INSERT INTO carts SELECT * FROM o", "INSERT carts"],
  ["/* app='web' */ -- note\n INSERT INTO orders (id) VALUES (1)", "INSERT orders"],
  ["INSERT INTO orders(id) VALUES ($1)", "INSERT orders"],
  ["UPDATE ONLY orders SET x = 1", "UPDATE orders"],
  ["DELETE FROM orders WHERE 1=1", "DELETE orders"],
  ["CREATE TABLE IF NOT EXISTS orders (id int)", "CREATE orders"],
  ["SELECT 1", "SELECT"],
  ["BEGIN", "BEGIN"],
  ["GET session:42", "GET"],
  ["AUTH hunter2", "AUTH"],
  ["hunter2", ""],
  ['{"find": "users", "filter": {"name": "x"}}', ""],
  [`SELECT * FROM ${JWT}`, "SELECT"],
  ["", ""],
])("query: %j", (value, expected) => {
  expect(sanitizeValue("query", value)).toBe(expected);
});

test.each([
  ["curl/8.5.0", "curl"],
  ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "Mozilla"],
  ["python-requests/2.32", "python-requests"],
  ["okhttp", "okhttp"],
  ["(unknown)", ""],
  [`${JWT}/1`, ""],
  ["x".repeat(41), ""],
])("user-agent: %j", (value, expected) => {
  expect(sanitizeValue("user-agent", value)).toBe(expected);
});
