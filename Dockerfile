# The image of `carabiner`: the bundled command on Node.js, for a user without rights. It writes to its volume alone, so
# the root can be read-only:
#   docker build -t carabiner .
#   docker run --read-only -v carabiner:/var/lib/carabiner -p 127.0.0.1:12111:12111 carabiner
FROM node:26.10.0-trixie-slim AS build
WORKDIR /src
COPY . .
# What the command and its page are built from, and not what only tests need. `npm ci` would refuse the lock file, which
# does not name the optional packages of every system.
RUN npm install --ignore-scripts --workspace packages/cli --workspace packages/dashboard
RUN npm run build:dashboard
RUN npm run build -- cli

FROM node:26.10.0-trixie-slim
COPY --from=build /src/packages/cli/dist /opt/carabiner
# So that commands are as documents have them: `docker exec server carabiner doctor --data /var/lib/carabiner`.
RUN ln -s /opt/carabiner/bin.mjs /usr/local/bin/carabiner
RUN mkdir -p /var/lib/carabiner && chown 10001:10001 /var/lib/carabiner && chmod 700 /var/lib/carabiner
ENV NODE_ENV=production CARABINER_HOST=0.0.0.0
USER 10001:10001
WORKDIR /var/lib/carabiner
VOLUME /var/lib/carabiner
EXPOSE 12111
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "/opt/carabiner/ready.mjs"]
ENTRYPOINT ["node", "/opt/carabiner/bin.mjs"]
CMD ["serve", "--data", "/var/lib/carabiner"]
