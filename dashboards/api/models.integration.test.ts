import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHttpHouse, type HttpHouse } from '#test/dashboards/http-house.ts';

let house: HttpHouse;
beforeAll(async () => {
  house = await openHttpHouse();
});
afterAll(() => house.close());

const use = (model: string) =>
  house.ask('/api/v1/models/current', 'admin', { method: 'PUT', body: JSON.stringify({ model }) });

async function entries() {
  const { items } = await house.database.audit.list({ limit: 20 });
  return items.flatMap(({ entry }) => (entry === null ? [] : [entry]));
}

test('an admin changes the model, and both the change and the list are on record', async () => {
  const changed = await use('another');
  expect([changed.status, await changed.json()]).toEqual([200, { model: 'another' }]);
  const list = (await (await house.ask('/api/v1/models', 'admin')).json()) as { items: { name: string }[] };
  expect(list.items.filter((item) => 'inUse' in item && item.inUse)).toMatchObject([{ name: 'another', isHere: true }]);
  const rows = await entries();
  expect(rows.map(({ action }) => action)).toEqual(expect.arrayContaining(['model-changed', 'models-listed']));
  expect(rows.find(({ action }) => action === 'model-changed')?.detail).toMatchObject({ model: 'another' });
});

test('a model that does not load is told of, the old one stays, and the attempt is on record', async () => {
  const refused = await use('broken');
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({ code: 'model-broken', detail: 'half.onnx is not a whole ONNX file' });
  expect(house.models.inUse).toBe('another');
  expect((await entries()).map(({ action }) => action)).toContain('model-changed-failed');
});
