import type { Route } from '../http/route.ts';
import { assuranceRoute } from './assurance.ts';
import { auditRoutes } from './audit.ts';
import { callChangeRoutes } from './call-changes.ts';
import { callRoutes } from './calls.ts';
import type { ApiContext } from './context.ts';
import { eventRoutes } from './events.ts';
import { exportRoutes } from './exports.ts';
import { forkRoutes } from './forks.ts';
import { ingestRoutes } from './ingest.ts';
import { keyRoutes } from './keys.ts';
import { modelRoutes } from './models.ts';
import { openApiDocument, openApiRoute } from './openapi.ts';
import { phraseRoutes } from './phrases.ts';
import { recordingRoutes } from './recording.ts';
import { searchRoute } from './search.ts';
import { sessionRoutes } from './session.ts';
import { sourcesRoute } from './sources.ts';
import { speakerRoutes } from './speakers.ts';
import { streamPairRoute } from './stream-pairs.ts';
import { streamRoutes } from './streams.ts';
import { systemRoutes } from './system.ts';
import { textRoutes } from './texts.ts';
import { transcriptRoute } from './transcript.ts';
import { userRoutes } from './users.ts';

/** Everything that the server answers, save the files of the pages. */
export function allRoutes(context: ApiContext): readonly Route[] {
  const routes: Route[] = [
    ...systemRoutes(context),
    ...callRoutes(context),
    ...callChangeRoutes(context),
    transcriptRoute(context),
    ...textRoutes(context),
    ...phraseRoutes(context),
    ...recordingRoutes(context),
    ...eventRoutes(context),
    searchRoute(context),
    ...exportRoutes(context),
    ...ingestRoutes(context),
    ...forkRoutes(context),
    streamPairRoute(context),
    ...streamRoutes(),
    ...modelRoutes(context),
    ...speakerRoutes(context),
    sourcesRoute(context),
    assuranceRoute(context),
    ...auditRoutes(context),
    ...userRoutes(context),
    ...keyRoutes(context),
    ...sessionRoutes(context),
  ];
  let document: Readonly<Record<string, unknown>> | undefined;
  routes.push(openApiRoute(() => (document ??= openApiDocument(routes))));
  return routes;
}
