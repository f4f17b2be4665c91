import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../core/problem.ts';
import { problemDocument, sendProblem } from './errors.ts';

/** Answers what is refused before a route is found: a path that cannot be decoded or has too long a part. */
export function answerBadPath(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const problem = new Problem('invalid_request', 'The path cannot be decoded, or a part of it is too long.');
  sendProblem(reply, request, problem);
}

/** Answers what is not HTTP at all, or not whole in time, and closes the connection. */
export function answerBadHttp(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const problem = badHttp(error.code);
  const body = JSON.stringify(problemDocument(problem));
  const head = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`;
  if (socket.writable) {
    socket.write(
      `${head}\r\nconnection: close\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}

function badHttp(code: string | undefined): Problem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Problem('request_timeout', 'The request did not arrive whole in time. Send it again.');
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Problem(
      'headers_too_large',
      'The headers of the request have more than 16 KiB. Send fewer or shorter ones.',
    );
  return new Problem('invalid_request', 'What was sent is not valid HTTP/1.1.');
}
