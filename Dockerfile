# handoff in the background. Keep /data (or give it REDIS_URL and DATABASE_URL, see compose.yaml):
#   docker build -t handoff . && docker run --env-file .env -v ./config:/app/config:ro -v handoff:/data handoff
FROM node:26-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The optional packages carry Node itself, which the image has.
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

FROM node:26-bookworm-slim
ENV NODE_ENV=production HANDOFF_DATA_DIR=/data
WORKDIR /app
RUN install -d -o node -g node /data
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE ./
COPY config config
COPY jobs jobs
COPY src src
USER node
VOLUME /data
# `work` touches this file every 15 seconds.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD test -n "$(find "$HANDOFF_DATA_DIR/work-alive" -newermt '-60 seconds')"
ENTRYPOINT ["node", "src/cli/handoff.js"]
CMD ["work"]
